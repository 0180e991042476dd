"""A paper on screen: the words that Cloudtally put on it, in the reader's language. Documents stay as issued.

A paper is in the customer's language, who reads it may have another one. What people wrote (names, plans, notes) is
left as it is; a text counts as Cloudtally's own where it is exactly what the paper's language calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from flask_babel import force_locale, get_locale

from app.kernel.places import countries
from app.rating.usage import LineKind
from app.statements.paper import Paper, PaperAccount, PaperGroup, PaperLine, Party
from app.statements.printing import (
    adjustment_text,
    credit_text,
    kind_words,
    other_usage_text,
    tax_number_text,
)

_BETWEEN = " · "


def for_reader(paper: Paper) -> Paper:
    """Return the paper as the reader of this page reads it; the same where that is the paper's own language."""
    locale = get_locale()
    language = locale.language if locale is not None else paper.language
    if language == paper.language:
        return paper
    with force_locale(paper.language):
        before = _words()
    words = dict(zip(before, _words(), strict=True))

    def line(one: PaperLine) -> PaperLine:
        detail = _BETWEEN.join(words.get(part, part) for part in one.detail.split(_BETWEEN))
        return replace(one, text=words.get(one.text, one.text), detail=detail)

    def account(one: PaperAccount) -> PaperAccount:
        return replace(one, lines=tuple(map(line, one.lines)))

    def group(one: PaperGroup) -> PaperGroup:
        return replace(one, accounts=tuple(map(account, one.accounts)))

    return replace(
        paper,
        seller=_party(paper.seller, paper.language, language),
        buyer=_party(paper.buyer, paper.language, language),
        groups=tuple(map(group, paper.groups)),
        credits=tuple(map(line, paper.credits)),
        adjustment=tuple(_adjustment(one, paper.language) for one in paper.adjustment),
    )


def _words() -> list[str]:
    """Every word of a line that is not somebody's own, in the language in force."""
    return [credit_text(), other_usage_text(), *(kind_words(kind) or kind.value for kind in LineKind)]


def _adjustment(one: PaperLine, language: str) -> PaperLine:
    with force_locale(language):
        is_own = one.percent is not None and one.text == adjustment_text(one.percent)
    return replace(one, text=adjustment_text(one.percent)) if is_own and one.percent is not None else one


def _party(one: Party, paper_language: str, language: str) -> Party:
    names = _country_names(paper_language, language)
    *rows, last = one.address_lines or ("",)
    with force_locale(paper_language):
        begin = _beginning(tax_number_text)
    own = _beginning(tax_number_text)
    return replace(
        one,
        address_lines=(*rows, names.get(last, last)) if one.address_lines else (),
        tax_lines=tuple(
            own + row.removeprefix(begin) if row.startswith(begin) else row for row in one.tax_lines
        ),
    )


def _beginning(sentence: Callable[[str], str]) -> str:
    return sentence("\0").partition("\0")[0]


@lru_cache(maxsize=16)
def _country_names(source: str, target: str) -> dict[str, str]:
    own = {one.code: one.name for one in countries(target)}
    return {one.name: own[one.code] for one in countries(source) if one.code in own}
