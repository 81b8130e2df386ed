"""Words of the engine in words of the clinic."""

import re

from engine.core.definition import ContentStatus, Kind
from engine.core.result import Citation

KINDS: dict[Kind, str] = {
    "urgent": "Red flags",
    "treatment": "Treatment options",
    "order": "Tests to order",
    "review": "To decide or check",
    "referral": "Referrals",
    "prophylaxis": "Prophylaxis",
    "vaccination": "Vaccinations",
    "support": "Support",
    "education": "Education",
    "data": "Data to put right",
}
KIND_REMARKS: dict[Kind, str] = {
    "treatment": "alternatives: the clinician chooses",
    "urgent": "never blocked, never put off",
}
MARK = "(eng)"
"""Beside a number that no source fixes."""
DISPOSITIONS = {
    "offer": "offered",
    "needs_data": "waits for data",
    "deferred": "deferred",
    "blocked": "blocked",
}
MARKS = {"draft": "a draft", "approved": "approved"}
STATUSES = {"active": "enrolment active", "paused": "enrolment PAUSED", "closed": "enrolment CLOSED"}


def strength(text: str) -> str:
    """Return a strength of evidence, with what we chose ourselves called so."""
    return re.sub(
        r"\beng\b", "none, an engineering default" if text == "eng" else "engineering defaults", text
    )


def content(status: ContentStatus) -> str:
    """Return who stands behind the rules."""
    if status.status == "approved":
        until = f", to be reviewed by {status.review_by}" if status.review_by else ""
        return f"approved by {status.approved_by}{until}"
    return "DRAFT: no clinician has approved these rules"


def within(days: int | None) -> str:
    """Return in words how soon something is due."""
    if days is None:
        return "to consider"
    return {0: "same day", 1: "within 1 day"}.get(days, f"within {days} days")


def source(citation: Citation) -> str:
    """Return a source for the list of sources."""
    if citation.kind == "statement":
        return f"source article: {citation.title}"
    if citation.kind == "engineering default":
        return f"{citation.title}: {citation.checked}"
    year = f" ({citation.year})" if citation.year and str(citation.year) not in citation.title else ""
    doi = f" doi:{citation.doi}" if citation.doi else ""
    stop = "" if citation.title.endswith(("?", ".")) and not year else "."
    return f"{citation.title}{year}{stop}{doi} Read: {citation.checked}."
