"""Where the pieces meet: packaged documents and fact functions become compiled pathways.

Also the only place that knows how a flaw found in a definition leads back to a line of its file.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from functools import cache

from engine.core.definition import ParameterValue, PathwayDefinition
from engine.core.expressions import Flaw
from engine.core.lint import citation_flaws
from engine.core.pathway import Pathway, PathwayFlawed, compile_pathway
from engine.core.vocabulary import Vocabulary
from engine.errors import Defect, DocumentRefused
from pathways.facts import CATALOGUE
from pathways.library import Library, Source
from pathways.reader import Document, definition_from, dotted, extended_by, read_yaml
from pathways.wording import close, shown

Base = Callable[[str], PathwayDefinition]
"""Finds the version a document extends."""


class Shelf:
    """The packaged pathways, compiled; each version once."""

    def __init__(self, library: Library | None = None) -> None:
        """Open the shelf.

        Args:
            library: where the documents are; the packaged ones if None.
        """
        self.library = library or Library()
        self._compiled = cache(self._compile)

    @property
    def vocabulary(self) -> Vocabulary:
        """What may be recorded, shared by all pathways."""
        return self.library.vocabulary()

    def available(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return every pathway id with its versions, oldest first."""
        return self.library.available()

    def pathway(self, name: str, version: str | None = None) -> Pathway:
        """Return a version of a pathway, ready to evaluate; the default version if None.

        Raises:
            NotFound: no such pathway or version.
            DocumentRefused: a document has defects, each with its line.
        """
        return self._compiled(name, self.library.definition(name, version).version)

    def _compile(self, name: str, version: str) -> Pathway:
        definition = self.library.definition(name, version)
        try:
            return compile_pathway(definition, CATALOGUE, self.vocabulary)
        except PathwayFlawed as flawed:
            file, text = self.library.document(name, version)
            raise DocumentRefused(located(flawed.flaws, read_yaml(text, file), file)) from flawed

    def adjusted(self, pathway: Pathway, values: Mapping[str, ParameterValue]) -> Pathway:
        """Return the pathway with some parameters replaced; they must be known and of the right kind."""
        if not values:
            return pathway
        definition = pathway.definition.with_parameters(dict(values))
        return compile_pathway(definition, CATALOGUE, pathway.vocabulary)

    def sources(self, name: str) -> Mapping[str, Source]:
        """Return what the rules of a pathway rest on."""
        return self.library.sources(name)

    def defects(self, name: str, version: str) -> tuple[Defect, ...]:
        """Return every defect of a packaged version, sources included."""
        file, text = self.library.document(name, version)
        try:
            sources = self.sources(name)
        except DocumentRefused as refused:
            return refused.defects
        return definition_defects(
            text, file, lambda older: self.library.definition(name, older), self.vocabulary, sources
        )


def load_pathway(name: str, version: str | None = None) -> Pathway:
    """Return a packaged version of a pathway, ready to evaluate; see `Shelf.pathway`."""
    return Shelf().pathway(name, version)


def definition_defects(
    text: str, file: str, base: Base, vocabulary: Vocabulary, sources: Container[str] | None
) -> tuple[Defect, ...]:
    """Return every defect of a pathway document, in order of lines.

    Args:
        text: the YAML text.
        file: the name to show.
        base: finds the version it extends, if it extends one.
        vocabulary: what may be recorded.
        sources: known citation keys; None to leave citations unchecked.
    """
    try:
        document = read_yaml(text, file)
        extends = extended_by(document)
        definition = definition_from(document, file, None if extends is None else base(extends))
    except DocumentRefused as refused:
        return refused.defects
    flaws = [] if sources is None else list(citation_flaws(definition, sources))
    try:
        compile_pathway(definition, CATALOGUE, vocabulary)
    except PathwayFlawed as flawed:
        flaws = [*flawed.flaws, *flaws]
    return located(flaws, document, file)


def located(flaws: Iterable[Flaw], document: Document, file: str) -> tuple[Defect, ...]:
    """Return flaws as defects with their lines, in order of lines."""
    found = [Defect(file, document.line(flaw.path), dotted(flaw.path), flaw.text) for flaw in flaws]
    return tuple(sorted(found, key=lambda defect: defect.line))


def parameter_problem(name: str, value: object, definition: PathwayDefinition) -> str | None:
    """Return why a parameter cannot be given a value; None if it can."""
    if name not in definition.parameters:
        near = close(name, definition.parameters)
        return f"{definition.id} version {definition.version} has no such parameter{near}"
    old = definition.parameters[name].value
    if isinstance(value, bool) is not isinstance(old, bool):
        return f"must be {'true or false' if isinstance(old, bool) else 'a number'}, not {shown(value)}"
    return None
