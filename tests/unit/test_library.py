"""The library finds packaged pathways, says which version is the default, and refuses what does not fit."""

from pathlib import Path

import pytest

from engine.errors import DocumentRefused, NotFound
from pathways.library import Library

PACKAGED = Library()


def test_the_packaged_pathway_has_two_versions_and_the_seed_version_is_the_default() -> None:
    assert PACKAGED.available() == [("pm-ild", ("1", "2"))]
    assert PACKAGED.definition("pm-ild").version == "1"
    assert PACKAGED.definition("pm-ild").label == "seed"
    assert PACKAGED.definition("pm-ild", "2").label == "acr2023"


def test_every_document_is_read_once() -> None:
    assert PACKAGED.definition("pm-ild") is PACKAGED.definition("pm-ild", "1")
    assert PACKAGED.vocabulary() is PACKAGED.vocabulary()
    assert PACKAGED.sources("pm-ild") is PACKAGED.sources("pm-ild")


def test_the_content_is_draft_and_says_so() -> None:
    for version in ("1", "2"):
        content = PACKAGED.definition("pm-ild", version).content
        assert (content.status, content.approved_by) == ("draft", None)


def test_no_source_is_without_a_note_of_what_was_read() -> None:
    sources = PACKAGED.sources("pm-ild")
    assert "engineering default" in sources["eng"].title.lower()
    assert all(source.checked for source in sources.values())


def test_stories_and_changelog_come_as_text() -> None:
    ((name, text),) = PACKAGED.vignettes("pm-ild")
    assert name == "pm_ild/vignettes/vignettes.yaml"
    assert text.count("- id: V") == 12
    assert "Version 2" in PACKAGED.changelog("pm-ild")


def test_what_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(NotFound, match=r"no pathway 'pm_ild'. Known: pm-ild"):
        PACKAGED.definition("pm_ild")
    with pytest.raises(NotFound, match=r"no version of pm-ild '7'. Known: 1, 2"):
        PACKAGED.definition("pm-ild", "7")
    with pytest.raises(NotFound):
        PACKAGED.sources("other")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with a pathway of its own: version 1 is a copy of the packaged one."""
    folder = tmp_path / "our_ild"
    folder.mkdir()
    text = (Path(__file__).parents[2] / "pathways" / "pm_ild" / "v1.yaml").read_text("utf-8")
    (folder / "v1.yaml").write_text(text.replace("\nid: pm-ild\n", "\nid: our-ild\n"), "utf-8")
    return folder


def refusal(shelf: Path, version: str) -> list[str]:
    with pytest.raises(DocumentRefused) as refused:
        Library(shelf.parent).definition("our-ild", version)
    return [str(d) for d in refused.value.defects]


def test_versions_are_in_order_of_their_numbers_and_may_extend_each_other(shelf: Path) -> None:
    (shelf / "v2.yaml").write_text('extends: "1"\nversion: "2"\nlabel: b\nparameters: {LOOKBACK: 300}\n')
    (shelf / "v10.yaml").write_text('extends: "2"\nversion: "10"\nlabel: c\n')
    (shelf / "vnext.yaml").write_text("not a version")
    library = Library(shelf.parent)

    assert library.available() == [("our-ild", ("1", "2", "10"))]
    assert library.definition("our-ild", "10").parameters["LOOKBACK"].value == 300


@pytest.mark.parametrize("extends", ["2", "3", "7"])
def test_a_version_extends_an_older_one_only(shelf: Path, extends: str) -> None:
    (shelf / "v2.yaml").write_text(f'version: "2"\nextends: "{extends}"\nlabel: b\n')
    (shelf / "v3.yaml").write_text('extends: "2"\nversion: "3"\nlabel: b\n')

    expected = f"our_ild/v2.yaml:2: extends: extends '{extends}', which is not an older version of our-ild"
    assert refusal(shelf, "2") == [expected]


def test_a_document_must_be_what_its_file_is_called(shelf: Path) -> None:
    (shelf / "v2.yaml").write_text('extends: "1"\nversion: "3"\nlabel: b\n')
    assert refusal(shelf, "2") == [
        "our_ild/v2.yaml:2: version: says '3', but the file is that of version '2'"
    ]

    (shelf / "v1.yaml").write_text(
        (shelf / "v1.yaml").read_text("utf-8").replace("id: our-ild", "id: x"), "utf-8"
    )
    assert refusal(shelf, "1") == ["our_ild/v1.yaml:8: id: says 'x', but the file is that of id 'our-ild'"]


def test_broken_content_is_refused_with_its_file(shelf: Path) -> None:
    (shelf.parent / "vocabulary.yaml").write_text("version: 1\n")
    (shelf / "sources.yaml").write_text("a: {title: A}\n")
    library = Library(shelf.parent)

    with pytest.raises(DocumentRefused, match=r"vocabulary.yaml:1: version: must be text"):
        library.vocabulary()
    with pytest.raises(DocumentRefused, match=r"our_ild/sources.yaml:1: a.checked: is missing"):
        library.sources("our-ild")
