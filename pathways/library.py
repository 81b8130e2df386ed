"""The pathways packaged with the product: where their documents lie and how they are read.

A pathway `pm-ild` lives in the folder `pm_ild`: one `v<version>.yaml` per version, `sources.yaml`,
`CHANGELOG.md` and a folder of vignettes. The library reads and validates; compiling a definition is
not its business.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from pydantic import ConfigDict, RootModel

from engine.core.definition import PathwayDefinition
from engine.core.values import Frozen
from engine.core.vocabulary import Vocabulary
from engine.errors import Defect, DocumentRefused, NotFound
from pathways.reader import definition_from, extended_by, read_yaml, validated

DEFAULT_VERSION = "1"
"""Version 1, the seed version, is the default; a newer version is always chosen by name."""

_VERSION_FILE = re.compile(r"v([1-9][0-9]*)\.yaml")


class Source(Frozen):
    """What a rule rests on, and what of it was actually read."""

    title: str
    kind: str | None = None
    authors: str | None = None
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    last_updated: str | None = None
    checked: str
    """What was seen while the pathway was written; anything from memory needs confirming."""


class _Sources(RootModel[dict[str, Source]]):
    model_config = ConfigDict(frozen=True, strict=True)


class Library:
    """Reads the packaged pathways; every document is read once."""

    def __init__(self, root: Traversable | None = None) -> None:
        """Open the library.

        Args:
            root: the folder that holds `vocabulary.yaml` and the pathway folders; the packaged one if None.
        """
        self._root = root or files("pathways")
        # Bound here, not on the methods, so that a library and its documents are freed together.
        self._definition = cache(self._read_definition)
        self._sources = cache(self._read_sources)

    @cached_property
    def _versions(self) -> dict[str, tuple[str, ...]]:
        found = {}
        for folder in sorted(self._root.iterdir(), key=lambda f: f.name):
            if folder.is_dir() and (versions := sorted(_versions_in(folder), key=int)):
                found[folder.name.replace("_", "-")] = tuple(versions)
        return found

    def available(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return every pathway id with its versions, oldest first."""
        return list(self._versions.items())

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        name = "vocabulary.yaml"
        return validated(read_yaml(_text(self._root / name), name), Vocabulary, name)

    def vocabulary(self) -> Vocabulary:
        """Return what may be recorded about a patient, shared by all pathways."""
        return self._vocabulary

    def definition(self, pathway: str, version: str | None = None) -> PathwayDefinition:
        """Return one version of a pathway, with the version it extends already merged in.

        Args:
            pathway: the id, for example `pm-ild`.
            version: the version; None is version "1", the seed version, which is the default.

        Raises:
            NotFound: no such pathway or version.
            DocumentRefused: the document has defects.
        """
        return self._definition(pathway, version or DEFAULT_VERSION)

    def _read_definition(self, pathway: str, version: str) -> PathwayDefinition:
        name, text = self.document(pathway, version)
        document = read_yaml(text, name)
        extends = extended_by(document)
        base = None
        if extends is not None:
            # Versions extend older ones only, so a chain always ends.
            if extends not in self._versions[pathway] or int(extends) >= int(version):
                text = f"extends {extends!r}, which is not an older version of {pathway}"
                raise DocumentRefused((Defect(name, document.line(("extends",)), "extends", text),))
            base = self.definition(pathway, extends)
        definition = definition_from(document, name, base)
        for key, got, wanted in (("id", definition.id, pathway), ("version", definition.version, version)):
            if got != wanted:
                text = f"says {got!r}, but the file is that of {key} {wanted!r}"
                raise DocumentRefused((Defect(name, document.line((key,)), key, text),))
        return definition

    def document(self, pathway: str, version: str) -> tuple[str, str]:
        """Return the name and text of the document of one version, as written.

        Raises:
            NotFound: no such pathway or version.
        """
        folder = self._folder(pathway)
        if version not in self._versions[pathway]:
            raise NotFound(f"version of {pathway}", version, self._versions[pathway])
        path = f"v{version}.yaml"
        return f"{folder.name}/{path}", _text(folder / path)

    def sources(self, pathway: str) -> Mapping[str, Source]:
        """Return what the rules of a pathway rest on, by citation key."""
        return self._sources(pathway)

    def _read_sources(self, pathway: str) -> Mapping[str, Source]:
        folder = self._folder(pathway)
        return sources_from(_text(folder / "sources.yaml"), f"{folder.name}/sources.yaml")

    def vignettes(self, pathway: str) -> list[tuple[str, str]]:
        """Return the name and text of each document of stories of a pathway, in order of names."""
        folder = self._folder(pathway) / "vignettes"
        documents = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
        return [(f"{pathway.replace('-', '_')}/vignettes/{f.name}", _text(f)) for f in documents]

    def changelog(self, pathway: str) -> str:
        """Return the clinical changelog of a pathway, as Markdown."""
        return _text(self._folder(pathway) / "CHANGELOG.md")

    def _folder(self, pathway: str) -> Traversable:
        if pathway not in self._versions:
            raise NotFound("pathway", pathway, tuple(self._versions))
        return self._root / pathway.replace("-", "_")


def sources_from(text: str, name: str) -> Mapping[str, Source]:
    """Return the sources a document lists, by citation key.

    Raises:
        DocumentRefused: with every defect found.
    """
    return MappingProxyType(validated(read_yaml(text, name), _Sources, name).root)


def _versions_in(folder: Traversable) -> Iterator[str]:
    for file in folder.iterdir():
        if match := _VERSION_FILE.fullmatch(file.name):
            yield match[1]


def _text(file: Traversable) -> str:
    return file.read_text("utf-8")
