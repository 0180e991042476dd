"""The base assets keep their promises: themes agree, nothing comes from outside or runs inline, and weigh little."""

import re
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
STATIC = APP / "static"
SHELL = STATIC / "shell"
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
SHEETS = sorted(SHELL.glob("*.css"))
SCRIPTS = sorted(p for p in STATIC.rglob("*.js") if "vendor" not in p.parts)
BASE_WEIGHT_LIMIT = 330 * 1024
SCRIPT_LIMIT = 25 * 1024


def _declarations(block: str) -> dict[str, str]:
    return dict(re.findall(r"([\w-]+)\s*:\s*([^;{}]+);", re.sub(r"/\*.*?\*/", "", block, flags=re.DOTALL)))


def _block_after(text: str, selector: str) -> str:
    start = text.index(selector) + len(selector)
    return text[text.index("{", start) + 1 : text.index("}", start)]


def _name(path: Path) -> str:
    return str(path.relative_to(APP))


def test_both_dark_blocks_hold_the_same_tokens() -> None:
    tokens = (SHELL / "tokens.css").read_text()

    by_system = _declarations(_block_after(tokens, ':root:not([data-theme="light"])'))
    by_choice = _declarations(_block_after(tokens, ':root[data-theme="dark"]'))

    assert by_system == by_choice
    assert len(by_system) > 50


def test_dark_tokens_are_known_in_light() -> None:
    tokens = (SHELL / "tokens.css").read_text()
    light = _declarations(_block_after(tokens, "}\n\n:root"))

    assert set(_declarations(_block_after(tokens, ':root[data-theme="dark"]'))) <= set(light)


@pytest.mark.parametrize("sheet", SHEETS, ids=_name)
def test_every_token_used_is_defined(sheet: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", "".join(s.read_text() for s in SHEETS)))

    used = set(re.findall(r"var\((--[\w-]+)\)", sheet.read_text()))

    assert used <= defined


@pytest.mark.parametrize("path", TEMPLATES + SHEETS + SCRIPTS, ids=_name)
def test_nothing_comes_from_another_host(path: Path) -> None:
    loads = r"""(?:src|href|action|url|import|fetch)\s*[=(]\s*["']?\s*(?:https?:)?//[^\s"')]+"""

    assert re.findall(loads, path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_inline_handler_and_no_script_without_nonce(path: Path) -> None:
    text = path.read_text()
    markup = re.sub(r"\{[%{].*?[%}]\}", "", text)

    assert re.findall(r"<[a-z][^>]*\son[a-z]+\s*=", markup) == []
    assert re.findall(r"""\s(?:href|action)\s*=\s*["']\s*javascript:""", text, re.IGNORECASE) == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", markup) if "nonce=" not in tag] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_every_icon_named_is_in_the_subset(path: Path) -> None:
    known = set(re.findall(r"\.fa-([\w-]+)::before", (SHELL / "icons.css").read_text()))

    named = set(re.findall(r"\bfa-([a-z][\w-]*[a-z0-9])(?=[\s\"'])", path.read_text())) - {"solid", "brands"}

    assert named <= known


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_every_post_form_carries_the_token(path: Path) -> None:
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
        assert "csrf_token" in form or "hidden_tag()" in form


@pytest.mark.parametrize("path", sorted(APP.rglob("*.py")), ids=_name)
def test_icons_named_in_code_are_in_the_subset(path: Path) -> None:
    known = set(re.findall(r"\.fa-([\w-]+)::before", (SHELL / "icons.css").read_text()))
    text = path.read_text()

    named = set(re.findall(r"""\b(?:icon|empty_icon)\s*[=:]\s*["'](?:fa-)?([a-z][a-z0-9-]+)["']""", text))
    named |= set(re.findall(r"""["']fa-([a-z][a-z0-9-]+)["']""", text))

    assert named <= known


def test_base_assets_stay_light() -> None:
    files = [*SHEETS, SHELL / "app.js", *SHELL.glob("fonts/*")]

    assert sum(f.stat().st_size for f in files) < BASE_WEIGHT_LIMIT
    assert (SHELL / "app.js").stat().st_size < SCRIPT_LIMIT


def test_vendored_assets_name_their_licence() -> None:
    folders = [p for p in (STATIC / "vendor").iterdir() if p.is_dir()]

    assert {"inter", "fontawesome"} <= {p.name for p in folders}
    assert all(any(p.glob("LICENSE*")) for p in folders)
