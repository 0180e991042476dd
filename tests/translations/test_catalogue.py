"""Every text of the product is in the catalogues, and every text there has a translation that fits."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

import config

ROOT = Path(config.ROOT)
FOLDER = ROOT / "translations"
HOW = "`make translations` brings the catalogues up to date"
LANGUAGES = sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))

# As the Makefile says it to Babel's command.
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
# What is the same in every language, a class and an attribute that stand between tags.
NOT_A_TEXT = {"Cloudtally", "CSV", "XLSX", "Ctrl K", "ct-portal", "ct-portal ct-public", "wide", "required"}
SPOKEN_ATTRIBUTES = ("title", "placeholder", "alt", "aria-label", "aria-description", "data-l", "data-words")

Key = tuple[str | None, Any]


def _key(message: Message) -> Key:
    return message.context, message.id


def _sorted(keys: set[Key] | frozenset[Key]) -> list[Key]:
    return sorted(keys, key=str)


def _messages(catalog: Catalog) -> dict[Key, Message]:
    return {_key(message): message for message in catalog if message.id}


@cache
def found_in_sources() -> frozenset[Key]:
    """What the sources say now, found as the Makefile lets Babel find it."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"][
        "mappings"
    ]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {
        mapping["pattern"]: {
            name: value for name, value in mapping.items() if name not in ("pattern", "method")
        }
        for mapping in mappings
    }
    catalog = Catalog()
    found = extract_from_dir(
        ROOT / "app", method_map=methods, options_map=options, keywords=KEYWORDS, strip_comment_tags=True
    )
    for _file, _line, message, _comments, context in found:
        catalog.add(message, context=context)
    return frozenset(_messages(catalog))


@cache
def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(
            file, locale=path.parent.parent.name if path.suffix == ".po" else None, abort_invalid=True
        )


def _catalogue(language: str) -> Catalog:
    return _read(FOLDER / language / "LC_MESSAGES" / "messages.po")


def _texts(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (list, tuple)) else [str(message.string or "")]


def _placeholders(text: str) -> list[str]:
    return sorted(set(re.findall(r"%\(\w+\)[a-z]|\{\w*\}", text)))


def test_template_is_up_to_date() -> None:
    kept = set(_messages(_read(FOLDER / "messages.pot")))

    assert _sorted(found_in_sources() - kept) == [], HOW
    assert _sorted(kept - found_in_sources()) == [], HOW


def test_every_offered_language_has_a_catalogue() -> None:
    offered = set(config.load({})["LANGUAGES"]) - {"en"}

    assert set(LANGUAGES) == offered


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_what_the_sources_say(language: str) -> None:
    catalog = _catalogue(language)
    kept = set(_messages(catalog))

    assert _sorted(found_in_sources() - kept) == [], HOW
    assert _sorted(kept - found_in_sources()) == [], HOW
    assert not catalog.obsolete, HOW


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated(language: str) -> None:
    catalog = _catalogue(language)
    open_ones = [_key(one) for one in _messages(catalog).values() if not all(_texts(one))]
    uncertain = [_key(one) for one in _messages(catalog).values() if one.fuzzy]
    short_of_plurals = [
        _key(one)
        for one in _messages(catalog).values()
        if one.pluralizable and len(_texts(one)) != catalog.num_plurals
    ]

    assert (open_ones, uncertain, short_of_plurals) == ([], [], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_source(language: str) -> None:
    differing = []
    for message in _messages(_catalogue(language)).values():
        sources = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        wanted = _placeholders(sources[-1])
        differing += [(sources[-1], text) for text in _texts(message) if _placeholders(text) != wanted]

    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_as_in_the_source(language: str) -> None:
    differing = []
    for message in _messages(_catalogue(language)).values():
        source = message.id[-1] if isinstance(message.id, (list, tuple)) else message.id
        if source[-1] in ".?…":
            differing += [(source, text) for text in _texts(message) if text[-1] != source[-1]]

    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_names_no_machine_and_no_moment(language: str) -> None:
    head = (FOLDER / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8").split("\n\n")[0]

    assert "EMAIL@ADDRESS" not in head
    assert set(re.findall(r"Date: \S+ (\S+?)\\n", head)) == {"00:00+0000"}


# Text of templates that went past gettext.

_IGNORED = re.compile(r"<script\b.*?</script>|<style\b.*?</style>|<!--.*?-->", re.DOTALL)
_JINJA = Environment(autoescape=True)
_WORD = re.compile(r"[^\W\d_]{2,}")
_ATTRIBUTE = re.compile(rf"""\s({"|".join(SPOKEN_ATTRIBUTES)})="([^"]*)\"""")
_PIECE = re.compile(r"""[\w-]+="[^"]*\"""")  # an attribute whose tag stands elsewhere
_MARK = "\N{OBJECT REPLACEMENT CHARACTER}"


def bare_texts(source: str) -> Iterator[str]:
    """What a template says itself: text between tags and in spoken attributes, expressions taken out."""
    data = (value if kind == "data" else _MARK for _line, kind, value in _JINJA.lex(source))
    plain = _IGNORED.sub("", re.sub(f"{_MARK}+", _MARK, "".join(data)))
    yield from (text for _name, text in _ATTRIBUTE.findall(plain))
    yield from re.split(r"<[^>]*>", plain)


def _wanting(source: str) -> list[str]:
    texts = (_PIECE.sub(" ", unescape(text)).replace(_MARK, " ").strip() for text in bare_texts(source))
    return [text for text in texts if _WORD.search(text) and text not in NOT_A_TEXT]


TEMPLATES = sorted((ROOT / "app" / "templates").rglob("*.html"))


def test_templates_say_everything_through_gettext() -> None:
    wanting = {str(path.relative_to(ROOT)): _wanting(path.read_text(encoding="utf-8")) for path in TEMPLATES}

    assert {path: texts for path, texts in wanting.items() if texts} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Add a customer</p>", ["Add a customer"]),
        ("<p>{{ name }} was added</p>", ["was added"]),
        ('<a title="Edit">{{ name }}</a>', ["Edit"]),
        ('<a title="{{ _("Edit") }}" class="btn">{{ _("Edit") }}</a> · 5', []),
        ('{% if a > b %}<i class="fa-solid"></i>{% endif %}{# a remark #}', []),
        ("<kbd>Ctrl K</kbd>", []),
    ],
)
def test_what_counts_as_bare_text(source: str, found: list[str]) -> None:
    assert _wanting(source) == found


def test_texts_of_templates_hold_no_lone_percent_sign() -> None:
    """Jinja takes every text of a template for a format: a lone percent sign would break the page."""
    lone = re.compile(r"%(?!\(\w+\)[a-z])")
    catalogues = [_messages(_catalogue(language)) for language in LANGUAGES]
    wrong = []
    for path in TEMPLATES:
        for quoted in re.findall(r"""\b_\(\s*("[^"]*"|'[^']*')""", path.read_text(encoding="utf-8")):
            source = quoted[1:-1]
            kept = [text for one in catalogues if (None, source) in one for text in _texts(one[None, source])]
            wrong += [text for text in (source, *kept) if lone.search(text.replace("%%", ""))]

    assert wrong == []
