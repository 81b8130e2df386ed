"""What people are told outside: the exact words, and that nothing else can get into them."""

import inspect

import pytest
from hypothesis import given

from api.channels import letters
from api.channels.letters import FIELDS, Template, words
from engine.core.dispatches import Told
from tests.channels.kit import told

LINK = "https://careway.example"
QUIET = (
    "\n\nThis message says no more on purpose, because others might read it\non its way. "
    "Nobody reads answers to it.\n"
)


@pytest.mark.parametrize(
    ("what", "link", "subject", "line"),
    [
        (
            Told(1, urgent=False),
            LINK,
            "1 reminder for you",
            f"Careway has 1 reminder for you. Sign in to read more: {LINK}",
        ),
        (
            Told(3, urgent=True),
            LINK,
            "Urgent: 3 reminders for you",
            f"Careway has 3 reminders for you. At least one of them is urgent. Sign in to read more: {LINK}",
        ),
        (
            Told(1, urgent=True),
            None,
            "Urgent: 1 reminder for you",
            "Careway has 1 reminder for you. It is urgent. "
            "Please get in touch today with those who look after you.",
        ),
        (
            Told(2, urgent=False),
            None,
            "2 reminders for you",
            "Careway has 2 reminders for you. "
            "Please get in touch with those who look after you, as you usually do.",
        ),
    ],
)
def test_the_words_say_how_much_there_is_and_what_to_do(
    what: Told, link: str | None, subject: str, line: str
) -> None:
    said = words(what, link)

    assert (said.subject, said.line) == (subject, line)
    assert said.text.replace("\n\n", " ", 1) == line + QUIET


@given(what=told)
def test_short_words_are_one_line_that_every_telephone_shows(what: Told) -> None:
    for link in (LINK, None):
        said = words(what, link)
        assert said.line.isascii()
        assert "\n" not in said.line
        assert "\n" not in said.subject
        assert len(said.line) <= 200


def test_words_are_made_of_templates_that_may_fill_in_little() -> None:
    templates = [each for _, each in inspect.getmembers(letters) if isinstance(each, Template)]

    assert len(templates) == 8
    assert {field for each in templates for field in each.fields} == FIELDS == {"reminders", "link"}
    assert set(Told.__dataclass_fields__) == {"reminders", "urgent"}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("For {patient}", ("patient",)),
        ("For {patient}", ()),
        ("For {reminders}", ()),
        ("For {link.__class__}", ("link",)),
        ("For {link[0]}", ("link",)),
        ("For {}", ()),
        ("For {0}", ("link",)),
        ("No gap", ("link",)),
        ("{label}, {link}", ("label", "link")),
    ],
)
def test_a_template_with_any_other_gap_cannot_be_made(text: str, fields: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"fills in what it declares, out of \['link', 'reminders'\]"):
        Template(text, *fields)


@pytest.mark.parametrize("values", [{}, {"link": LINK, "label": "x"}, {"reminders": 1}])
def test_a_template_takes_exactly_what_it_declares(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"fills in \['link'\]"):
        Template("See {link}", "link").filled(**values)
