"""A pathway on paper: its states, rules and numbers in words, with where each comes from."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from api.present.ladder import write_ladder
from api.present.page import HEAD, QUIET, WARN, Paper, sentence
from api.present.words import KIND_REMARKS, KINDS, MARK, content, source, within
from engine.core.definition import Cited, IntervalReview, Parameter, PathwayDefinition, ReviewDefinition
from engine.core.guards import Call
from engine.core.names import Names, quantity, shown, unit_text, upper
from engine.core.pathway import Action, Pathway, Transition
from engine.core.phrases import Phrases
from engine.core.teller import ENGINEERING_DEFAULT, Sources, citations_of


def pathway_page(page: Paper, pathway: Pathway, sources: Sources, versions: Sequence[str]) -> None:
    """Write everything a clinician must know to judge a version of a pathway."""
    writer = _Writer(page, pathway)
    definition = pathway.definition
    page.put(definition.title, style=HEAD)
    others = ", ".join(v for v in versions if v != definition.version)
    page.put(
        sentence(
            (
                f"{definition.id} version {definition.version} ({definition.label})",
                content(definition.content),
                f"other versions: {others}" if others else "",
            )
        ),
        style="" if definition.content.status == "approved" else WARN,
    )
    if definition.content.note:
        page.put(definition.content.note)
    page.put(f"{MARK} marks a number that no source fixes: a clinical lead must ratify it before use.")
    page.put(f"Digest {pathway.digest}", style=QUIET)
    writer.states()
    writer.transitions()
    writer.actions()
    writer.reviews()
    writer.ladder()
    writer.decisions()
    writer.risks()
    writer.meanings()
    writer.parameters()
    writer.conflicts()
    _sources(page, definition, sources)
    page.heading("Limits")
    page.items(definition.limits)


class _Writer:
    """Writes the sections of one pathway."""

    def __init__(self, page: Paper, pathway: Pathway) -> None:
        self.page = page
        self.pathway = pathway
        self.definition = pathway.definition
        self.names = Names(pathway)
        self.phrases = Phrases(self.names)

    def states(self) -> None:
        page = self.page
        page.heading("States")
        for name, state in self.definition.states.items():
            start = "  (every patient starts here)" if name == self.definition.initial else ""
            page.put(Text(f"{state.title}{start}", style=HEAD).append(f"  {name}", style=QUIET), indent=2)
            page.put(f"Entered when: {state.enter}. Left when: {state.leave}.", indent=4)

    def transitions(self) -> None:
        page = self.page
        page.heading("Transitions", "tried in the order of their number; each fires at most once a day")
        for rule in self.pathway.transitions.values():
            self._transition(rule)
        for change in self.definition.status_changes:
            reason = "; a reason must be given" if change.reason_required else ""
            page.put(
                f"{change.id}  {' or '.join(change.source)} → {change.to}: by a person ({change.op}){reason}",
                indent=2,
            )

    def _transition(self, rule: Transition) -> None:
        row, page = rule.definition, self.page
        source = " or ".join(self.names.state(s) for s in row.source)
        to = "the state the clinician names" if row.to is None else self.names.state(row.to)
        order = "" if row.prio is None else f"  tried {_ordinal(row.prio)}"
        page.put(Text(f"{row.id}  {source} → {to}", style=HEAD).append(order, style=QUIET), indent=2)
        when = "a clinician's decision, with a reason" if rule.when is None else self.phrases.of(rule.when)
        page.put(f"When {when}.", indent=6)
        for name, tree in rule.assign.items():
            page.put(f"Sets {self.names.fact(name)} to {self.phrases.value(tree)}.", indent=6)
        page.put(
            sentence((f"Judged at: {row.trigger}", _keys(row), f"strength of evidence: {row.strength}")),
            indent=6,
            style=QUIET,
        )

    def actions(self) -> None:
        rows = self.pathway.actions.values()
        kinds = sorted(dict.fromkeys(a.definition.kind for a in rows), key=lambda kind: kind != "urgent")
        for kind in kinds:
            self.page.heading(KINDS[kind], KIND_REMARKS.get(kind, ""))
            for action in rows:
                if action.definition.kind == kind:
                    self._action(action)

    def _action(self, action: Action) -> None:
        row, page, phrases = action.definition, self.page, self.phrases
        page.put(Text(row.title, style=HEAD).append(f"  {row.id}", style=QUIET), indent=2)
        page.put(f"When {phrases.of(action.when)}.", indent=6)
        page.put(f"Priority {phrases.value(action.prio)}.", indent=6)
        for label, guard in (
            ("Blocked if", action.block_if),
            ("Deferred if", action.defer_if),
            ("Caution if", action.caution_if),
        ):
            if guard is not None:
                page.put(f"{label} {phrases.of(guard)}.", indent=6)
        if row.needs:
            page.put(f"Needs up to date: {', '.join(self.names.datum(n) for n in row.needs)}.", indent=6)
        for remark in row.rationale:
            page.put(f"Remark: {remark.says} ({', '.join(remark.seed)}).", indent=6)
        if keys := _keys(row):
            page.put(keys, indent=6, style=QUIET)

    def reviews(self) -> None:
        page = self.page
        page.heading("Reviews", "done by data, not by ticking")
        for review in self.definition.reviews:
            page.put(Text(review.title, style=HEAD).append(f"  {review.id}", style=QUIET), indent=2)
            for line in self._schedule(review):
                page.put(line, indent=6)
            page.put(_keys(review), indent=6, style=QUIET)

    def _schedule(self, review: ReviewDefinition) -> Iterable[str]:
        items = review.items if review.schedule in ("interval", "course") else (review.item,)  # type: ignore[union-attr] # each kind has one of the two
        yield f"Done by: {', '.join(self.names.of(i) for i in items)}."
        if isinstance(review, IntervalReview):
            yield f"First due {review.first_due} days after enrolment; then:"
            rows = self.pathway.intervals[review.id]
            for row, rule in zip(review.intervals, rows, strict=True):
                when = "otherwise" if row.when == "True" else f"if {self.phrases.of(rule.when)}"
                yield f"· every {_days(self.phrases.value(rule.days))} {when}"
            return
        drug = self.names.of(review.drug)
        match review.schedule:
            case "course":
                base = "a panel at the start is needed" if review.baseline else "no panel at the start"
                phases = ", then ".join(
                    f"every {p.days} days" + (f" in the first {p.until} days" if p.until else "")
                    for p in review.phases
                )
                yield f"While on {drug}: {base}; {phases}."
            case "dose":
                window = f"counted when done on day {review.window_from} to {review.window_to}"
                yield f"{review.due} days after each dose of {drug}, {window}."
            case _:
                first = f"first {review.first} days after the start"
                yield f"While on {drug}: every {review.every} days, {first}."

    def ladder(self) -> None:
        page, ladder = self.page, self.definition.ladder
        write_ladder(page, ladder)
        days = (f"P{prio} {within(window)}" for prio, window in self.definition.priorities.items())
        page.put(f"Actions are due: {'; '.join(days)}.", indent=2)
        page.items(ladder.notes)

    def decisions(self) -> None:
        rules = self.definition.decisions
        self.page.heading("Decisions", "how long they keep an action off the list")
        named = {KINDS[kind]: rule for kind, rule in rules.kinds.items()}
        for label, rule in {**named, "All others": rules.default}.items():
            until = "the next state entry"
            accept = f"until {until}" if rule.accept is None else f"{rule.accept} days"
            urgent = "".join(f", P{p}: {days} days" for p, days in (rule.accept_urgent or {}).items())
            end = f"; {until} ends both early" if rule.until_entry else ""
            says = f"{label}: accepted {accept}{urgent}; declined {rule.decline} days{end}"
            self.page.put(says, indent=2, mark="- ")
        triggered = [a.definition.id for a in self.pathway.actions.values() if a.trigger is not None]
        self.page.put(
            f"Until their trigger comes again, whatever is decided: {', '.join(triggered)}",
            indent=2,
            mark="- ",
        )

    def risks(self) -> None:
        self.page.heading("Risk factors", "they raise the tier")
        for row in self.definition.risk_factors:
            known = row.fact in self.definition.criteria
            title = self.names.criterion(row.fact) if known else self.names.fact(row.fact)
            says = sentence((f"{upper(title)}: {row.effect}", _keys(row)))
            self.page.put(says, indent=2, mark="- ")

    def meanings(self) -> None:
        page = self.page
        page.heading("What the words mean", "facts the rules are made of")
        for name, tree in self.pathway.criteria.items():
            row = self.definition.criteria[name]
            if isinstance(tree, Call) and tree.function.name == "in_state":
                continue  # said as the state itself, wherever it is used
            says = self.phrases.of(tree) if tree.kind == "boolean" else self.phrases.value(tree)
            page.put(Text(upper(row.title), style=HEAD).append(f"  {name}", style=QUIET), indent=2)
            page.put(sentence((f"= {says}", _keys(row))), indent=6)
        for name, fact in self.pathway.catalogue.definitions.items():
            page.put(Text(upper(fact.title), style=HEAD).append(f"  {name}", style=QUIET), indent=2)
            looks = ", ".join((*map(self.names.of, fact.items), *map(self.names.of, fact.drugs)))
            by = f" · limits: {', '.join(fact.parameters)}" if fact.parameters else ""
            cite = f" · {', '.join(fact.cite)}" if fact.cite else ""
            page.put(f"= worked out from {looks or 'the course on the pathway'}{by}{cite}", indent=6)

    def parameters(self) -> None:
        page = self.page
        page.heading("Parameters", "a site may set them")
        for name, parameter in self.definition.parameters.items():
            page.put(
                Text(f"{name} = {_value(parameter)}", style=HEAD).append(_engineering(parameter), style=WARN),
                indent=2,
            )
            page.put(sentence((parameter.meaning, _keys(parameter))), indent=6)

    def conflicts(self) -> None:
        page = self.page
        page.heading("Where the sources differ")
        for row in self.definition.conflicts:
            page.put(Text(f"{row.id}  {row.topic}", style=HEAD), indent=2)
            page.put(f"Source article: {row.article}. Newer guidance: {row.newer} ({_keys(row)}).", indent=6)
            page.put(f"Chosen: {row.choice}.", indent=6)


def _sources(page: Paper, definition: PathwayDefinition, sources: Sources) -> None:
    rows: list[Cited] = [*definition.transitions, *definition.actions, *definition.reviews]
    rows += [*definition.parameters.values(), *definition.criteria.values(), *definition.conflicts]
    rows += definition.risk_factors
    page.heading("Sources")
    found = {c.key: c for c in citations_of(definition, sources, *rows)}
    page.rows((key, source(c)) for key, c in sorted(found.items()))


def _keys(row: Cited) -> str:
    return ", ".join((*row.seed, *row.cite))


def _engineering(row: Cited) -> str:
    return f"  {MARK}" if ENGINEERING_DEFAULT in row.cite else ""


def _value(parameter: Parameter) -> str:
    value = parameter.value
    if isinstance(value, bool):
        return "on" if value else "off"
    return quantity(shown(value), unit_text(parameter.unit))


def _days(text: str) -> str:
    return text if "days" in text else f"{text} days"


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third", 4: "fourth"}.get(number, f"in place {number}")
