"""A clock that is moved: the demonstration sends each message at the hour at which it came in."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

OPENING = time(9)
"""When the first message of a day comes in, in the site's time zone."""


class DemoClock:
    """Stands still until it is moved; used by one thread. Implements `ports.Clock`."""

    def __init__(self, zone: tzinfo, today: date) -> None:
        """Begin at the start of today.

        Args:
            zone: time zone of the site the messages are sent at.
            today: the last day it will be moved to.
        """
        self._zone, self._today = zone, today
        self.move(today)

    def move(self, day: date, place: int = 0) -> None:
        """Go to nine o'clock of a day at the site, and a minute on for each place in the day's order.

        Today begins at midnight: whoever loads before nine gets no messages from the future.
        """
        hour = OPENING if day < self._today else time.min
        self._now = datetime.combine(day, hour, tzinfo=self._zone).astimezone(UTC) + timedelta(minutes=place)

    def now(self) -> datetime:
        """Return the instant it was moved to, in UTC."""
        return self._now

    def today(self, zone: tzinfo) -> date:
        """Return the date in a time zone at that instant."""
        return self._now.astimezone(zone).date()
