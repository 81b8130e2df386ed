"""Where a patient stands, on one page: first what matters within ten seconds, then why, then the rest."""

import re
from collections.abc import Iterable
from itertools import groupby

from rich.text import Text

from api.present.page import ALARM, GOOD, HEAD, QUIET, WARN, Page, count, sentence
from api.present.reasons import lines, missing, paragraph
from api.present.why_not import why_not_page
from api.present.words import (
    DISPOSITIONS,
    KIND_REMARKS,
    KINDS,
    MARKS,
    STATUSES,
    content,
    source,
    strength,
    within,
)
from engine.core.names import lower, quantity, shown, unit_text, upper
from engine.core.result import (
    ActionView,
    Brief,
    ChangeView,
    Citation,
    Datum,
    Disagreement,
    EdgeView,
    LapsedView,
    LineView,
    MoveView,
    NamedMove,
    Plain,
    Remembered,
    Result,
    ReviewView,
    Waiting,
)
from engine.core.whynot import WhyNot

STEPS_TOLD = 2
"""Steps told with their reasons; the earlier ones are listed."""
URGENCY = {"overdue": 0, "due": 1, "upcoming": 2, "ok": 3}
STYLES = {"overdue": ALARM, "due": WARN, "upcoming": "", "ok": QUIET}


def result_page(page: Page, result: Result, why_not: WhyNot | None) -> None:
    """Write a result.

    Args:
        page: where to.
        result: what to write.
        why_not: what does not come about, and why; None to name the nearest changes alone.
    """
    _head(page, result)
    if result.state is None or result.brief is None:
        return
    _brief(page, result.brief, result)
    _actions(page, result, urgent=True)
    _history(page, result)
    _actions(page, result, urgent=False)
    _decided(page, result)
    _reviews(page, result)
    _wanted(page, result)
    _disputed(page, result.brief.disagreements)
    if why_not is None:
        _edges(page, result)
    else:
        why_not_page(page, why_not)


def foot(page: Page, result: Result) -> None:
    """Write what stands below every result: when to look again, the sources, the limits."""
    if result.state is not None:
        page.blank()
        again = result.revisit_on
        page.put(
            "Without new data nothing here changes."
            if again is None
            else f"Without new data nothing here changes before {again}."
        )
    cited = _cited(result)
    if cited:
        page.heading("Sources")
        page.rows((key, source(citation)) for key, citation in sorted(cited.items()))
    page.heading("Limits")
    page.items(result.limits)


# ── where the patient stands ────────────────────────────────────────────────────────────────────────


def _head(page: Page, result: Result) -> None:
    pathway = result.pathway
    page.blank()
    if result.state is None:
        page.put("Not on the pathway", style=HEAD)
        page.put(
            "No enrolment has been received."
            if result.revisit_on is None
            else f"On {result.as_of} the patient was not yet on the pathway; the enrolment is of "
            f"{result.revisit_on}."
        )
    else:
        page.put(f"{(result.state_title or '').upper()}, since {result.since}", style=HEAD)
        remembered = (_remembered(r) for r in result.context.values())
        tier = f"risk tier {(result.tier or '').replace('_', ' ')}"
        page.put(upper(sentence((*remembered, tier, STATUSES[result.status or "active"]))))
    page.put(
        f"{pathway.id} version {pathway.version} ({pathway.label}) · {content(pathway.content)}",
        style="" if pathway.content.status == "approved" else WARN,
    )
    for setting in result.parameter_set:
        here, published = _set(setting.value), _set(setting.published)
        page.put(f"{setting.name} set to {here} here, {published} as published", style=WARN)
    if result.state is not None:
        _summary(page, result)


def _set(value: Plain) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _brief(page: Page, brief: Brief, result: Result) -> None:
    """The whole within ten seconds: the sentence, on whose word, what is missing, what is disputed."""
    page.blank()
    page.put(brief.says, style=HEAD)
    if any(str(number.date) not in brief.says for number in brief.numbers):
        page.put(f"Values: {'; '.join(map(_number, brief.numbers))}")
    if brief.strength is not None:
        by = f"Source: {_keys(brief.citations)}; strength of evidence: {strength(brief.strength)}"
        page.put(f"{by}; the rules are {MARKS[brief.status]}", style=QUIET)
    if brief.missing:
        page.put(f"Missing: {missing(brief.missing)}", style=WARN)
    if brief.disagreements:
        topics = "; ".join(f"{lower(d.topic)} ({d.id})" for d in brief.disagreements)
        page.put(f"Sources disagree on: {topics}", style=WARN)
    if result.tier_reasons and result.tier != "standard":
        page.put(f"Risk tier: {paragraph(result.tier_reasons)}", style=QUIET)


def _number(number: Datum) -> str:
    return f"{number.title} {quantity(shown(number.value), unit_text(number.unit))} on {number.date}"


def _remembered(remembered: Remembered) -> str:
    """Something remembered about the patient, if there is anything to say."""
    label, value = remembered.title.partition(" (")[0], remembered.value
    if value in (None, False, "0"):
        return ""
    return label if value is True else f"{label} {value}"


def _summary(page: Page, result: Result) -> None:
    actions, reviews = result.open_actions, result.reviews
    flags = sum(1 for a in actions if a.kind == "urgent")
    late = sum(1 for a in actions if _late(a, result))
    blocked = sum(1 for a in actions if a.disposition == "blocked")
    overdue = sum(1 for r in reviews if r.status == "overdue")
    said = [
        (count(flags, "red flag"), flags, ALARM),
        (count(len(actions), "open action"), len(actions), ""),
        (f"{late} past due", late, WARN),
        (f"{blocked} blocked", blocked, WARN),
        (count(overdue, "review") + " overdue", overdue, ALARM),
        (count(len(result.wanted), "item") + " missing or out of date", len(result.wanted), ""),
    ]
    line = Text()
    for text, number, style in said:
        if number:
            line.append(" · " if line else "").append(text, style=style)
    page.put(line if line else Text("Nothing to do.", style=GOOD))


# ── how it came here ────────────────────────────────────────────────────────────────────────────────


def _history(page: Page, result: Result) -> None:
    page.heading("Why here")
    moves = result.history
    if not moves:
        page.put(f"Enrolled on {result.enrolled}; nothing has moved the patient since.", indent=2)
    for move in reversed(moves[-STEPS_TOLD:]):
        _move(page, move)
    for move in reversed(moves[:-STEPS_TOLD]):
        page.put(f"{move.date}  {_way(move)}", indent=2, style=QUIET)
    if moves:
        page.put(f"{result.enrolled}  enrolled", indent=2, style=QUIET)
    for line in result.lines:
        _line(page, line)
    for change in result.changes:
        _change(page, change)


def _line(page: Page, line: LineView) -> None:
    """An earlier line of treatment: from when to when, with what, and how it went."""
    about = sentence(_remembered(r) for r in line.context.values() if r.kind != "date")
    drugs = f" · {', '.join((*line.drugs[:1], *map(lower, line.drugs[1:])))}" if line.drugs else ""
    went = "; ".join(f"{lower(m.to_title)} on {m.date}" for m in line.outcome) or "no step within it"
    page.put(f"Earlier: {about}{drugs} · {line.since} to {line.until} · outcome: {went}", indent=2)


def _change(page: Page, change: ChangeView) -> None:
    said = [f"{_once(m)} no longer holds" for m in change.withdrawn]
    said += [f"{_once(m)} came instead" for m in change.brought]
    page.put(
        f"History changed on {change.received} by {change.event_id}: {'; '.join(said)}.",
        indent=2,
        style=WARN,
    )
    if change.lapsed:
        gone = "; ".join(_lapsed(view) for view in change.lapsed)
        page.put(f"No longer called for, nothing is cancelled: {gone}.", indent=4, style=WARN)


def _once(move: NamedMove) -> str:
    return f"“{move.from_title}” → “{move.to_title}” of {move.date} ({move.transition})"


def _lapsed(view: LapsedView) -> str:
    decided = {"accept": "accepted", "decline": "declined", None: ""}[view.decision]
    title = view.title.partition(";")[0].rstrip(".?")
    return f"{title} ({decided} {view.decided_on})" if decided else title


def _move(page: Page, move: MoveView) -> None:
    page.put(Text(f"{move.date}  {_way(move)}", style=HEAD), indent=2)
    lines(page, move.reasons, indent=4)
    keys = _keys(move.citations)
    page.put(f"Source: {keys}; strength of evidence: {strength(move.strength)}", indent=4, style=QUIET)


def _way(move: NamedMove) -> str:
    return f"{move.from_title} → {move.to_title}  {move.transition}"


# ── what comes next ─────────────────────────────────────────────────────────────────────────────────


def _actions(page: Page, result: Result, *, urgent: bool) -> None:
    actions = [a for a in result.open_actions if (a.kind == "urgent") is urgent]
    if not actions and not urgent and result.status != "closed":
        page.heading("Next actions")
        page.put("None is open.", indent=2)
    for kind in dict.fromkeys(a.kind for a in actions):
        page.heading(KINDS[kind], KIND_REMARKS.get(kind, ""))
        for action in actions:
            if action.kind == kind:
                _action(page, action, result)


def _decided(page: Page, result: Result) -> None:
    if result.decided:
        page.heading("Decided", "kept off the list by a decision")
    for d in result.decided:
        done = "accepted" if d.decision == "accept" else "declined"
        reason = f": {d.reason}" if d.reason else ""
        page.put(f"{d.on}  {done}  {d.title}{reason}  [{d.event_id}]", indent=2)


def _late(action: ActionView, result: Result) -> bool:
    """Whether an action that could be dealt with was not, in time."""
    possible = action.disposition in ("offer", "needs_data")
    return possible and action.due is not None and action.due < result.as_of


def _action(page: Page, action: ActionView, result: Result) -> None:
    window = None if action.due is None else (action.due - action.opened_on).days
    late = _late(action, result)
    title = Text(action.title, style=ALARM if action.kind == "urgent" else HEAD)
    page.put(title.append(f"  {action.id}", style=QUIET), indent=2, mark=f"P{action.prio}  ")
    due = "" if action.due is None else f"{'PAST DUE since' if late else 'due'} {action.due}"
    state = DISPOSITIONS[action.disposition] + (", with caution" if action.caution else "")
    warn = late or action.caution or action.disposition == "blocked"
    page.put(Text(sentence((state, within(window), due)), style=WARN if warn else ""), indent=6)
    for label, reasons in (
        ("Blocked", action.block_reasons),
        ("Deferred", action.defer_reasons),
        ("Caution", action.caution_reasons),
    ):
        if reasons:
            page.put(f"{label}: {paragraph(reasons)}", indent=6, style=WARN)
    if action.missing:
        page.put(f"Missing: {missing(action.missing)}", indent=6, style=WARN)
    for remark in action.rationale:
        page.put(f"Remark: {remark.says} ({_keys(remark.citations)})", indent=6)
    keys = _keys(action.citations)
    because = paragraph(action.reasons)
    page.put(sentence((f"Because: {because}", f"Source: {keys}" if keys else "")), indent=6, style=QUIET)


def _reviews(page: Page, result: Result) -> None:
    if not result.reviews:
        return
    page.heading("Reviews", "done by data, not by ticking")
    ordered = sorted(result.reviews, key=lambda r: (URGENCY[r.status], r.due))
    for status, group in groupby(ordered, key=lambda r: r.status):
        for review in group:
            _review(page, review, brief=status == "ok")


def _review(page: Page, review: ReviewView, *, brief: bool) -> None:
    word = {"overdue": "OVERDUE", "due": "DUE TODAY"}.get(review.status, review.status)
    step = f", reminder step “{review.step}”" if review.step and review.step != review.status else ""
    line = Text(f"{word} {review.due}", style=STYLES[review.status])
    line.append(f"  {review.title}", style="" if brief else HEAD)
    line.append(f"  {review.id}{step}", style=QUIET)
    page.put(line, indent=2)
    if not brief:
        page.put(f"{paragraph(review.reasons)} · Source: {_keys(review.citations)}", indent=6, style=QUIET)


def _wanted(page: Page, result: Result) -> None:
    if not result.wanted:
        return
    page.heading("Missing or out of date")
    for item in result.wanted:
        last = f" (last {item.last})" if item.last else ""
        waiting = "; ".join(_waiting(w) for w in item.waiting)
        page.put(f"{item.title}{last}: for {waiting}", indent=2, mark="- ")


def _waiting(waiting: Waiting) -> str:
    if waiting.kind == "transition":
        return f"the step to “{waiting.title}”"
    return lower(re.split(r";| \(|: ", waiting.title)[0])


def _disputed(page: Page, found: Iterable[Disagreement]) -> None:
    for number, d in enumerate(found):
        if number == 0:
            page.heading("Where the sources disagree", "on what is shown here")
        page.put(Text(d.topic, style=HEAD).append(f"  {d.id}", style=QUIET), indent=2)
        newer = f"newer guidance ({_keys(d.citations)}): {d.newer}"
        page.put(f"Source article: {d.article}; {newer}. Chosen in {d.choice}.", indent=6)


def _edges(page: Page, result: Result) -> None:
    if not result.edges:
        return
    page.heading("What would move the patient", "any one of these alone")
    for edge in result.edges:
        page.put(
            Text(f"→ {edge.to_title}", style=HEAD).append(f"  {edge.id}", style=QUIET),
            indent=2,
        )
        page.put(_nearest(edge), indent=6)


def _nearest(edge: EdgeView) -> str:
    if edge.holds:
        return "Holds already; it is taken with the next message."
    if not edge.nearest:
        return "More than one thing would have to change."
    return "; or ".join((edge.nearest[0], *map(lower, edge.nearest[1:])))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────


def _keys(citations: Iterable[Citation]) -> str:
    return ", ".join(citation.key for citation in citations)


def _cited(result: Result) -> dict[str, Citation]:
    rows: list[tuple[Citation, ...]] = [m.citations for m in result.history[-STEPS_TOLD:]]
    for action in result.open_actions:
        rows += [action.citations, *(r.citations for r in action.rationale)]
    rows += [r.citations for r in result.reviews if r.status != "ok"]
    return {citation.key: citation for row in rows for citation in row}
