"""A patient's care team as rows: who holds each post, who acts today, and who could."""

from dataclasses import dataclass

from api.http.people_views import TeamView
from api.web import words
from api.web.choices import Choice, choices
from engine.core.ownership import FITTING, Roster
from engine.core.people import Post


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post of a care team."""

    post: str
    title: str
    says: str
    """Who holds it, and who acts today where that is somebody else."""
    choices: tuple[Choice, ...]
    """Who may hold it, after nobody."""


def post_rows(team: TeamView, working: Roster) -> tuple[PostRow, ...]:
    """Return the posts of a care team.

    Args:
        team: who holds them.
        working: who works at the patient's site today.
    """
    rows = []
    for post in Post:
        held = getattr(team, post.value)
        fitting = {
            person: name for person, name in working.names.items() if working.fits(person, FITTING[post])
        }
        if held is not None:  # somebody who left stays until somebody else is chosen
            fitting.setdefault(held.id, f"{held.name}, not here any more")
        people = sorted(fitting.items(), key=lambda row: (row[1], row[0]))
        says = "nobody"
        if held is not None:
            says = held.name
            if held.acting is None:
                says += ", who is not here; nobody acts"
            elif held.acting.id != held.id:
                says += f"; {held.acting.name} stands in"
        rows.append(
            PostRow(
                post.value,
                words.first_upper(words.plainly(post)),
                says,
                choices((("", "nobody"), *people), "" if held is None else held.id),
            )
        )
    return tuple(rows)
