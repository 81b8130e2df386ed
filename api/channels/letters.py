"""The words of a notice to people: how much there is to read, and where; nothing about whom or what.

Messages are shown on locked screens and pass through the hands of others. So each template declares what it
fills in, what may be declared stands in one list, and nothing else gets into the words.
"""

from dataclasses import dataclass
from string import Formatter

from engine.core.dispatches import Told

FIELDS = frozenset({"reminders", "link"})
"""All that may be filled in: how many reminders there are, and where to sign in."""


class Template:
    """Words with gaps."""

    def __init__(self, words: str, *fields: str) -> None:
        """Take words and what they fill in; raises ValueError for a gap nobody declared, or may declare."""
        gaps = {name for _, name, _, _ in Formatter().parse(words) if name is not None}
        if gaps != set(fields) or not gaps <= FIELDS:
            raise ValueError(f"A template fills in what it declares, out of {sorted(FIELDS)}.")
        self._words, self.fields = words, frozenset(fields)

    def filled(self, **values: object) -> str:
        """Return the words; raises ValueError unless exactly what is declared is given."""
        if values.keys() != self.fields:
            raise ValueError(f"This template fills in {sorted(self.fields)}.")
        return self._words.format_map(values)


ONE = Template("1 reminder for you")
SEVERAL = Template("{reminders} reminders for you", "reminders")
URGENT_ONE = Template("It is urgent.")
URGENT_SEVERAL = Template("At least one of them is urgent.")
SIGN_IN = Template("Sign in to read more: {link}", "link")
GET_IN_TOUCH = Template("Please get in touch with those who look after you, as you usually do.")
TODAY = Template("Please get in touch today with those who look after you.")
QUIET = Template(
    "This message says no more on purpose, because others might read it\n"
    "on its way. Nobody reads answers to it."
)


@dataclass(frozen=True, slots=True)
class Words:
    """A notice, in full and in short."""

    subject: str
    text: str
    """Several lines, for e-mail."""
    line: str
    """One line of ASCII, for chat and text messages."""


def words(told: Told, link: str | None) -> Words:
    """Return a notice in words.

    Args:
        told: how much there is to tell.
        link: where to sign in; None for a patient, who does not sign in but is asked to get in touch.
    """
    one = told.reminders == 1
    count = ONE.filled() if one else SEVERAL.filled(reminders=told.reminders)
    urgent = (URGENT_ONE if one else URGENT_SEVERAL).filled()
    if link is not None:
        then = SIGN_IN.filled(link=link)
    else:
        then = (TODAY if told.urgent else GET_IN_TOUCH).filled()
    first = f"Careway has {count}. {urgent}" if told.urgent else f"Careway has {count}."
    return Words(
        f"Urgent: {count}" if told.urgent else count,
        f"{first}\n\n{then}\n\n{QUIET.filled()}\n",
        f"{first} {then}",
    )
