"""How entries read: a sentence for each, and its values as their reader writes them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any

from flask import current_app, g
from flask_appbuilder import Model
from flask_babel import gettext as _
from sqlalchemy import Boolean, Date, Enum

from app.audit.log import HIDDEN
from app.audit.places import addresses_of
from app.audit.vocabulary import (
    CODES,
    FIELDS,
    FIELDS_OF,
    FILTER_VALUES,
    FILTERS,
    NOUNS,
    PHRASES,
    RULE,
    RULE_KINDS,
    WAYS,
    WHYS,
    YES_NO,
)
from app.kernel.places import currency_codes, currency_digits
from app.kernel.types import ExactDecimal, MonthDate
from app.shell.browsers import browser_words
from app.shell.formats import (
    amount_text,
    date_text,
    datetime_text,
    money_text,
    month_text,
    number_text,
    words_list,
)
from app.tenancy.scope import ScopeKind, current_scope


def options(words: dict[str, object]) -> list[tuple[str, str]]:
    """Return ``VERBS`` or ``KINDS`` for a select, each with a capital at its beginning."""
    texts = ((key, str(word)) for key, word in words.items())
    return [(key, text[0].upper() + text[1:]) for key, text in texts if text]


def sentence(entry: Any) -> str:
    """Return ``changed customer Tessera Health AG``: what stands beside the actor's name."""
    noun = str(NOUNS.get(entry.record_type, entry.record_type))
    name = entry.record_name
    if entry.record_type in _NAMED_BY_AMOUNT and name:
        name = _money(name, "")
    what = " ".join(part for part in (noun, name) if part)
    phrase = str(PHRASES.get(entry.action, "")) or f"{entry.action} %(what)s"
    text = (phrase % {"what": what}).strip()
    return f"{text} ({entry.reason})" if entry.reason else text


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that a reseller defined: what it is called, and what its stored words mean."""

    label: str
    words: Mapping[str, object]


OwnFields = Mapping[tuple[str, str], OwnField]

#: Who knows the fields that a reseller defined, by kind of record and name in the log; that slice announces itself.
_OWN_FIELDS: list[Callable[[], OwnFields]] = []


def name_own_fields_with(teller: Callable[[], OwnFields]) -> None:
    """Announce who knows the fields that the reseller in scope defined."""
    _OWN_FIELDS[:] = [teller]


def _own_field(record_type: str, name: str) -> OwnField | None:
    """Return the reseller's own field that an entry names; one look-up serves the whole page."""
    scope = current_scope()
    if "." not in name or scope.kind is not ScopeKind.RESELLER:
        return None
    known: dict[int | None, OwnFields] = g.setdefault("own_fields_in_words", {})
    if scope.reseller_id not in known:
        known[scope.reseller_id] = {key: field for teller in _OWN_FIELDS for key, field in teller().items()}
    return known[scope.reseller_id].get((record_type, name))


@cache
def _column_types() -> dict[tuple[str, str], Any]:
    """Return (kind of record, field) -> type of its column; ``HIDDEN`` stands for that of a secret one."""
    found: dict[tuple[str, str], Any] = {}
    for mapper in Model.registry.mappers:
        noun = getattr(mapper.class_, "__audit_name__", None)
        if noun is not None:
            types = {one.key: one.columns[0].type for one in mapper.column_attrs}
            merged = getattr(mapper.class_, "__audit_merged__", {})
            types |= {name: types[parts[0]] for name, parts in merged.items()}
            types |= dict.fromkeys(getattr(mapper.class_, "__audit_secret__", ()), HIDDEN)
            found |= {(noun, name): kind for name, kind in types.items()}
    return found


#: Who puts into words what an entry keeps as an address says it, by kind of record and name; slices above announce it.
_TOLD_BY: dict[tuple[str, str], Callable[[str], str]] = {}


def tell_with(record_type: str, name: str, teller: Callable[[str], str]) -> None:
    """Announce who reads a value that only its own slice understands."""
    _TOLD_BY[record_type, name] = teller


#: Fields that are amounts of money; their currency stands in the same text, or in the same entry.
_MONEY = frozenset({("statement", "total"), ("credit", "amount"), ("credit", "left"), ("budget", "amount")})
#: Fields that hold codes of languages, several with commas between them.
_LANGUAGES = frozenset({"language", "locale", "languages"})
#: Only before a condition that is known: people search for semicolons, too.
_BETWEEN_CONDITIONS = re.compile(rf"; (?=(?:{'|'.join(FILTERS)}): )")
#: Records whose name is an amount.
_NAMED_BY_AMOUNT = frozenset({"credit"})


def value_word(record_type: str, name: str, value: str | None, *, currency: str = "") -> str:
    """Return what a value means: only what the product itself stored is translated, never a person's own text.

    ``currency``: what the entry says of it beside an amount.
    """
    text = value or ""
    if name.startswith(RULE):
        return _rule_text(text)
    if teller := _TOLD_BY.get((record_type, name)):
        return teller(text)
    if name == "filter":
        return _filter(text)
    if (record_type, name) in _MONEY and text:
        return _money(text, currency)
    if name in _LANGUAGES and text:
        return _languages(text)
    kind = _column_types().get((record_type, name))
    if isinstance(kind, ExactDecimal) and text:
        return _number(text)
    if isinstance(kind, MonthDate) and text:
        return month_text(datetime.date.fromisoformat(text))
    if isinstance(kind, Date) and text:
        return date_text(datetime.date.fromisoformat(text))
    if record_type == "user" and name in _TOLD_OF_SIGN_INS:
        return _TOLD_OF_SIGN_INS[name](text)
    words: Mapping[str, object] = {}
    if own := _own_field(record_type, name):
        words = own.words
    elif kind == HIDDEN:
        words = {HIDDEN: _("not shown")}
    elif isinstance(kind, Boolean):
        words = YES_NO
    elif isinstance(kind, Enum):
        words = CODES
    return str(words.get(text, text))


def _filter(text: str) -> str:
    """Return ``Status: Open; Search: red`` of ``tab: open; search: red``; what is not known stays as it stands."""
    return "; ".join(_condition(part) for part in _BETWEEN_CONDITIONS.split(text))


def _condition(text: str) -> str:
    key, colon, value = text.partition(": ")
    if not colon or key not in FILTERS:
        return text
    return f"{FILTERS[key]}: {FILTER_VALUES.get(key, {}).get(value, value)}"


def _way(text: str) -> str:
    return " + ".join(str(WAYS.get(word, word)) for word in text.split(", "))


def _moment(text: str) -> str:
    return datetime_text(datetime.datetime.fromisoformat(text)) if text else text


#: What entries tell of sign-ins beside changed columns, by the words that it is kept in.
_TOLD_OF_SIGN_INS: Mapping[str, Callable[[str], str]] = {
    "way": _way,
    "why": lambda text: str(WHYS.get(text, text)),
    "browser": lambda text: browser_words(text) if text else text,
    "locked_until": _moment,
}


def _rule_text(text: str) -> str:
    """Return ``Percent −10, Nov 2026 – Dec 2026`` of what the log keeps of a rule."""
    kind, *rest = text.split(" ")
    shown = str(RULE_KINDS.get(kind, kind))
    for part in rest:
        first, is_span, last = part.partition("/")
        shown += f", {_month(first)} – {_month(last)}" if is_span else f" {number_text(Decimal(part))}"
    return shown


def _month(text: str) -> str:
    return month_text(datetime.date.fromisoformat(f"{text}-01")) if text else "…"


def _number(text: str) -> str:
    """Return ``1,234.5``, or ``EUR 1,234.50`` of a text that names the currency too."""
    return _money(text, "") if " " in text else number_text(Decimal(text))


def _money(text: str, currency: str) -> str:
    """Return ``EUR 1,234.50`` of a number; its currency may stand before it, behind it, or be given."""
    parts = text.split(" ")
    currency = next((one for one in parts if one in currency_codes()), currency)
    numbers = [one for one in parts if one != currency]
    try:
        [amount] = [Decimal(one) for one in numbers]
    except (ArithmeticError, ValueError):
        return text
    if currency and round(amount, currency_digits(currency)) == amount:
        return money_text(amount, currency)
    return f"{currency} {amount_text(amount, is_exact=True)}".strip()


def _languages(text: str) -> str:
    known = current_app.config["LANGUAGES"]
    return words_list([known[one]["name"] if one in known else one for one in text.split(",")])


def field_word(record_type: str, name: str) -> str:
    """Return a field's word; an entry of a dictionary that nobody knows any more goes by its own key."""
    if name.startswith(RULE):
        return name.removeprefix(RULE) or _("All usage")
    if own := _own_field(record_type, name):
        return own.label
    return str(FIELDS_OF.get((record_type, name)) or FIELDS.get(name) or name.rpartition(".")[2])


def change_lines(entry: Any, *, limit: int = 30) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of an entry in words."""
    noun, changes = entry.record_type, entry.changes or {}
    old, new = changes.get("currency", ("", ""))
    return [
        (
            field_word(noun, name),
            value_word(noun, name, before, currency=old or new or ""),
            value_word(noun, name, after, currency=new or old or ""),
        )
        for name, (before, after) in list(changes.items())[:limit]
    ]


def timeline_entries(entries: Sequence[Any]) -> list[SimpleNamespace]:
    """Return entries as the timeline macro draws them."""
    return [
        _timeline_entry(entry, address) for entry, address in zip(entries, addresses_of(entries), strict=True)
    ]


def _timeline_entry(entry: Any, address: str | None) -> SimpleNamespace:
    return SimpleNamespace(
        actor_name=entry.actor_name,
        actor_kind=entry.actor_kind,
        sentence=sentence(entry),
        changes=[]
        if entry.action in ("created", "assigned", "deleted", "unassigned", "requested")
        else change_lines(entry),
        at=entry.at,
        link=address,
    )
