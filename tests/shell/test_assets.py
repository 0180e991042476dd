"""The base assets keep their promises: themes agree, nothing comes from outside or runs inline, and weigh little."""

import re
from collections.abc import Callable, Iterable, Iterator
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


def _wrong(paths: Iterable[Path], look: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    """What a look at the text of each file finds, by the file's name."""
    return {_name(path): found for path in paths if (found := [*look(path.read_text())])}


def _known_icons() -> set[str]:
    return set(re.findall(r"\.fa-([\w-]+)::before", (SHELL / "icons.css").read_text()))


def test_nothing_comes_from_another_host() -> None:
    loads = r"""(?:src|href|action|url|import|fetch)\s*[=(]\s*["']?\s*(?:https?:)?//[^\s"')]+"""

    assert _wrong(TEMPLATES + SHEETS + SCRIPTS, lambda text: re.findall(loads, text)) == {}


def test_no_inline_handler_and_no_script_without_nonce() -> None:
    def look(text: str) -> Iterator[str]:
        markup = re.sub(r"\{[%{].*?[%}]\}", "", text)
        yield from re.findall(r"<[a-z][^>]*\son[a-z]+\s*=", markup)
        yield from re.findall(r"""\s(?:href|action)\s*=\s*["']\s*javascript:""", text, re.IGNORECASE)
        yield from (tag for tag in re.findall(r"<script\b[^>]*>", markup) if "nonce=" not in tag)

    assert _wrong(TEMPLATES, look) == {}


def test_every_icon_named_is_in_the_subset() -> None:
    known = _known_icons() | {"solid", "brands"}
    named = r"\bfa-([a-z][\w-]*[a-z0-9])(?=[\s\"'])"

    assert _wrong(TEMPLATES, lambda text: {*re.findall(named, text)} - known) == {}


def test_every_post_form_carries_the_token() -> None:
    def look(text: str) -> Iterator[str]:
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL):
            if "csrf_token" not in form and "hidden_tag()" not in form:
                yield form

    assert _wrong(TEMPLATES, look) == {}


def test_icons_named_in_code_are_in_the_subset() -> None:
    known = _known_icons()

    def look(text: str) -> set[str]:
        named = {*re.findall(r"""\b(?:icon|empty_icon)\s*[=:]\s*["'](?:fa-)?([a-z][a-z0-9-]+)["']""", text)}
        return (named | {*re.findall(r"""["']fa-([a-z][a-z0-9-]+)["']""", text)}) - known

    assert _wrong(sorted(APP.rglob("*.py")), look) == {}


def test_base_assets_stay_light() -> None:
    files = [*SHEETS, SHELL / "app.js", *SHELL.glob("fonts/*")]

    assert sum(f.stat().st_size for f in files) < BASE_WEIGHT_LIMIT
    assert (SHELL / "app.js").stat().st_size < SCRIPT_LIMIT


def test_vendored_assets_name_their_licence() -> None:
    folders = [p for p in (STATIC / "vendor").iterdir() if p.is_dir()]

    assert {"inter", "fontawesome"} <= {p.name for p in folders}
    assert all(any(p.glob("LICENSE*")) for p in folders)
