"""What a report was asked for, in words: for the change log, which keeps it as an address says it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from flask_babel import gettext as _

from app.kernel.numbers import small_number
from app.reports.figures import figure_words
from app.reports.naming import customers_known, provider_names
from app.reports.periods import PERIOD_WORDS, PeriodKey
from app.reports.tables import GROUP_WORDS, report_fields
from app.shell.formats import date_text, words_list
from app.tenancy.scope import ScopeKind, current_scope


def question_in_words(written: str) -> str:
    """Return ``Last month; by Service; Provider: AWS`` of ``period=last_month&group=service&provider=aws``.

    What is no address, or names what is not there any more, stays as it stands.
    """
    asked = parse_qs(written)
    if not asked or "=" not in written:
        return written
    labels = _labels(asked)
    found = [_days(asked)]
    if groups := asked.get("group"):
        found.append(_("by %(what)s", what=words_list([labels.get(one, one) for one in groups])))
    for name, values in asked.items():
        if name not in _TOLD_APART:
            label = labels.get(name, name)
            found.append(f"{label}: {words_list(_values(name, values))}")
    if columns := asked.get("columns"):
        texts = [labels.get(one, one) for one in columns if one != "none"]
        found.append(_("Columns: %(what)s", what=words_list(texts) if texts else "–"))
    if sort := asked.get("sort"):
        what = labels.get(sort[0], sort[0])
        is_descending = asked.get("dir", [""])[0] != "asc"
        found.append(
            _("the largest %(what)s first", what=what)
            if is_descending
            else _("the smallest %(what)s first", what=what)
        )
    return "; ".join(one for one in found if one)


#: What has a place of its own in the sentence, and how long a page is.
_TOLD_APART = frozenset({"period", "from", "to", "group", "columns", "sort", "dir", "per_page"})


def _labels(asked: Mapping[str, Sequence[str]]) -> dict[str, str]:
    found = {key: str(word) for key, word in GROUP_WORDS.items()} | figure_words()
    found |= {"account": _("Account"), "currency": _("Currency")}
    used = {*asked, *(one for name in ("group", "columns", "sort") for one in asked.get(name, ()))}
    if used - found.keys() - _TOLD_APART and _knows_a_reseller():
        found |= {key: one.label for key, one in report_fields().all.items()}
    return found


def _days(asked: Mapping[str, Sequence[str]]) -> str:
    key = asked.get("period", [""])[0]
    if key == PeriodKey.CUSTOM:
        try:
            first, last = (datetime.date.fromisoformat(asked[name][0]) for name in ("from", "to"))
        except (KeyError, ValueError):
            return ""
        return _("%(first)s to %(last)s", first=date_text(first), last=date_text(last))
    return str(PERIOD_WORDS[PeriodKey(key)]) if key in [*PeriodKey] else key


def _values(name: str, values: Sequence[str]) -> list[str]:
    if not _knows_a_reseller():
        return [*values]
    if name == "provider":
        names = provider_names()
        return [names.get(one, one) for one in values]
    if name == "customer":
        ids = {one: small_number(one) for one in values}
        known = customers_known(one for one in ids.values() if one is not None)
        return [known[key].name if (key := ids[one]) in known else one for one in values]  # type: ignore[index]
    return [*values]


def _knows_a_reseller() -> bool:
    return current_scope().kind is ScopeKind.RESELLER
