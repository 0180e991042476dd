"""Message catalogues are compiled when they are missing or old, and only then."""

import gettext
import os
from pathlib import Path

import pytest

from app.kernel.translations import compile_catalogs

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Customer"
msgstr "{word}"

#, fuzzy
msgid "Provider"
msgstr "Vermutlich"
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "messages.po"
    source.write_text(PO.format(word="Kunde"), encoding="utf-8")
    return source


def _translated(source: Path, message: str) -> str:
    with source.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext(message)


def test_missing_catalog_is_made_once(catalog: Path, tmp_path: Path) -> None:
    assert compile_catalogs(tmp_path) == [catalog.with_suffix(".mo")]
    assert _translated(catalog, "Customer") == "Kunde"
    assert compile_catalogs(tmp_path) == []
    assert [path.suffix for path in sorted(catalog.parent.iterdir())] == [".mo", ".po"]


def test_newer_source_is_compiled_again(catalog: Path, tmp_path: Path) -> None:
    compile_catalogs(tmp_path)
    catalog.write_text(PO.format(word="Kundin"), encoding="utf-8")
    later = catalog.with_suffix(".mo").stat().st_mtime + 5
    os.utime(catalog, (later, later))

    assert compile_catalogs(tmp_path)
    assert _translated(catalog, "Customer") == "Kundin"


def test_uncertain_translations_are_left_out(catalog: Path, tmp_path: Path) -> None:
    compile_catalogs(tmp_path)

    assert _translated(catalog, "Provider") == "Provider"


def test_folder_without_catalogs(tmp_path: Path) -> None:
    assert compile_catalogs(tmp_path / "absent") == []
