"""The wall clock, read here and nowhere else; everything else takes the date or the instant given to it."""

from datetime import UTC, date, datetime, tzinfo


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)

    def today(self, zone: tzinfo) -> date:
        """Return the present date in a time zone: a site's own, for anything a patient is asked about."""
        return self.now().astimezone(zone).date()
