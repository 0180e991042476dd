"""Versions in the addresses of static files: whatever changes, changes its address."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.shell.assets import version_of

APP = Path(__file__).resolve().parents[2] / "app"
SHELL = APP / "static" / "shell"
NAMING_FONTS = [SHELL / "tokens.css", SHELL / "icons.css", APP / "templates" / "shell" / "document.html"]


@pytest.mark.parametrize("path", NAMING_FONTS, ids=lambda path: path.name)
def test_fonts_are_named_with_their_content(path: Path) -> None:
    named = re.findall(r"fonts/([\w-]+\.woff2)([^\"]*)\"", path.read_text())

    assert named
    for font, query in named:
        digest = hashlib.sha256((SHELL / "fonts" / font).read_bytes()).hexdigest()[:8]
        assert query == f"?v={digest}", f"{font} changed: its address in {path.name} ends in ?v={digest}"


def test_any_changed_sheet_changes_the_version(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    before = version_of(tmp_path)

    (tmp_path / "a.css").write_text("b")

    assert version_of(tmp_path) != before


def _caching(client: Any, url: str) -> str | None:
    with client.get(url) as response:  # a file's answer holds the file open
        return response.headers.get("Cache-Control")


def test_what_carries_a_version_is_kept_and_pages_are_not(client_for: Callable[..., Any]) -> None:
    client = client_for()

    page = client.get("/login/")
    sheets = re.findall(r'href="(/static/shell/[\w-]+\.css\?v=\w+)"', page.get_data(as_text=True))

    assert len(sheets) > 3
    assert "no-store" in page.headers["Cache-Control"]
    for sheet in sheets:
        assert "immutable" in (_caching(client, sheet) or "")
    assert _caching(client, "/static/shell/favicon.svg") == "public, max-age=86400"
    assert _caching(client, "/static/shell/none.css?v=1") is None
