"""A statement as PDF: typeset by Typst from a template of ours, with the paper's content as data beside it.

What people type is data and never markup, so it cannot become code, a link or an image. The template sees the files
that are handed to it, in memory, and nothing else: no folder, no network, no fonts of the machine.
The same paper gives the same bytes, because its dates come from the paper.
"""

from __future__ import annotations

import datetime
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from app.kernel import colors
from app.statements.documents import labels as words
from app.statements.documents.figures import Figures, locale_of
from app.statements.documents.labels import Translate, translator
from app.statements.paper import Paper, PaperAccount, PaperGroup, PaperLine, Party

_HERE = Path(__file__).parent
_FONTS = _HERE / "fonts"
_TEMPLATE = _HERE / "template" / "statement.typ"
_FONT_FAMILIES = (
    "Inter",
    "Noto Sans CJK JP",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Noto Sans Devanagari",
    "Noto Sans Armenian",
    "Noto Sans Georgian",
)
_STANDARDS = ("ua-1", "a-3a")
_DEFAULT_ACCENT = "#0e6785"
_TEXT_CONTRAST = Decimal("4.5")
_TINT_PERCENT = 94  # of white
# Its types do not know of several files in memory, which it takes.
_compile: Any = typst.compile
_PAGES = {"A4": "a4", "Letter": "us-letter"}
_LOGO_FORMATS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
#: From so many lines on, page 1 has the sums of its own before the lines begin.
_LINES_FOR_A_GLANCE = 12

# A word that is longer gets places to break at: a line of paper does not scroll.
_LONGEST_WORD = 28
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_BREAK_AFTER = re.compile(r"([/_.:=@?&,;|+-]+)")
_BREAK = "\u200b"


def pdf(paper: Paper, translate: Translate | None = None) -> bytes:
    """Return the statement as PDF: tagged and accessible (PDF/UA-1), fit for archives (PDF/A-3a).

    A character that no vendored font has makes it a plain tagged PDF that shows a box in its place.
    """
    return _compiled(paper, translate or translator(paper.language), "pdf")[0]


def pages(paper: Paper, translate: Translate | None = None, *, ppi: int = 110) -> list[bytes]:
    """Return each page as PNG, for looking at it."""
    return _compiled(paper, translate or translator(paper.language), "png", ppi=ppi)


def _compiled(paper: Paper, translate: Translate, form: str, **options: Any) -> list[bytes]:
    content = printed(paper, translate)
    logo = paper.logo if paper.logo is not None and paper.logo.media_type in _LOGO_FORMATS else None
    # The first that succeeds: the last ones are for characters without a font and for images that are none.
    attempts: Sequence[tuple[Sequence[str], bool]] = (
        (_STANDARDS, True),
        ((), True),
        (_STANDARDS, False),
        ((), False),
    )
    for standards, with_logo in attempts:
        shown: dict[str, Any] | None = None
        if logo is not None and with_logo:
            # Files that are handed over in memory have to be text; a list of numbers is that.
            shown = {"bytes": list(logo.content), "format": _LOGO_FORMATS[logo.media_type]}
        data = json.dumps({**content, "logo": shown}, ensure_ascii=False)
        try:
            result: Any = _compile(
                {"main.typ": _TEMPLATE.read_bytes(), "paper.json": data.encode()},
                root=str(_FONTS),
                font_paths=_fonts(),
                format=form,
                pdf_standards=list(standards),
                timestamp=_moment(paper),
                package_path=str(_FONTS / "none"),
                package_cache_path=str(_FONTS / "none"),
                **options,
            )
        except typst.TypstError:
            if (standards, with_logo) == attempts[-1]:
                raise
            continue
        return result if isinstance(result, list) else [result]
    raise AssertionError("unreachable")


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


def _moment(paper: Paper) -> datetime.datetime:
    day = paper.issued_on or paper.last_day
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)


def printed(paper: Paper, translate: Translate) -> dict[str, Any]:
    """Return what the template prints: texts in the document's language, numbers as they are read."""
    figures = Figures(locale_of(paper.language), paper.currency)
    accent, tint = _colors(paper.accent)
    title = translate(words.TITLES[paper.kind])
    name = " ".join(filter(None, (title, paper.number)))
    return _printable(
        {
            "language": figures.locale.language,
            "page": _PAGES[paper.page_size],
            "fonts": list(_FONT_FAMILIES),
            "accent": colors.hex_of(accent),
            "tint": colors.hex_of(tint),
            "name": name,
            "title": title,
            "number": paper.number,
            "summary": f"{name}, {figures.period(paper.first_day, paper.last_day)}, {paper.buyer.name}",
            "running": paper.buyer.name,
            "footer": [_joined((paper.seller.legal_name or paper.seller.name, *paper.seller.tax_lines))],
            **_marks(paper, translate),
            "seller": {"name": paper.seller.name, "lines": _seller_lines(paper.seller)},
            "buyer": _buyer(paper.buyer),
            "facts": _facts(paper, figures, translate),
            "remarks": _remarks(paper, translate),
            "total": _total(paper, figures, translate),
            "glance": _glance(paper, figures, translate),
            "sections": _sections(paper, figures, translate),
            "taxes": [
                {
                    "name": tax.name,
                    "percent": figures.percent(tax.percent),
                    "base": figures.amount(tax.base),
                    "amount": figures.amount(tax.amount),
                }
                for tax in paper.taxes
            ],
            "sums": _sums(paper, figures, translate),
            "rates": [
                f"1\u00a0{source} = {figures.rate(rate)}\u00a0{target}"
                for source, target, rate in paper.exchange_rates
            ],
            "notes": paper.notes.strip().splitlines(),
            "labels": {
                "page": translate(words.PAGE),
                "billed_to": translate(words.BILLED_TO),
                "at_a_glance": translate(words.AT_A_GLANCE),
                "description": translate(words.DESCRIPTION),
                "quantity": translate(words.QUANTITY),
                "unit": translate(words.UNIT),
                "unit_price": translate(words.UNIT_PRICE),
                "percent": translate(words.PERCENT),
                "amount": f"{translate(words.AMOUNT)} {paper.currency}",
                "taxes": translate(words.TAXES),
                "tax": translate(words.TAX),
                "rate": translate(words.RATE),
                "taxable": f"{translate(words.TAXABLE)} {paper.currency}",
                "exchange_rates": translate(words.EXCHANGE_RATES),
                "notes": translate(words.NOTES),
            },
        }
    )


def _colors(color: str) -> tuple[colors.Color, colors.Color]:
    """The reseller's colour, darkened where it could not be read on paper, and the ground behind the total."""
    try:
        wanted = colors.read_color(color or _DEFAULT_ACCENT)
    except ValueError:
        wanted = colors.read_color(_DEFAULT_ACCENT)
    tint = colors.mixed(wanted, colors.WHITE, _TINT_PERCENT)
    return colors.readable(wanted, (colors.WHITE, tint), _TEXT_CONTRAST), tint


def _marks(paper: Paper, translate: Translate) -> dict[str, Any]:
    marks = [
        {"tone": tone, "text": translate(text)}
        for is_so, tone, text in (
            (paper.is_draft, "draft", words.DRAFT),
            (paper.is_void, "void", words.VOID),
            (paper.is_estimated, "estimated", words.ESTIMATED),
        )
        if is_so
    ]
    across = [mark["text"].upper() for mark in marks if mark["tone"] != "estimated"]
    size = min(120, 640 // max(len(across[0]), 1)) if across else 0
    return {"marks": marks, "watermark": across[0] if across else "", "watermark_size": size}


def _remarks(paper: Paper, translate: Translate) -> list[str]:
    said = []
    if paper.corrects_number:
        said.append(translate(words.SAYS_CORRECTS) % {"number": paper.corrects_number})
    if paper.is_void:
        said.append(translate(words.SAYS_VOID))
    elif paper.is_draft:
        said.append(translate(words.SAYS_DRAFT))
    if paper.is_estimated:
        said.append(translate(words.SAYS_ESTIMATED))
    return said


def _seller_lines(seller: Party) -> list[str]:
    legal = seller.legal_name if seller.legal_name != seller.name else ""
    return [*filter(None, (legal, *seller.address_lines, seller.email, seller.website)), *seller.tax_lines]


def _buyer(buyer: Party) -> dict[str, Any]:
    # A letter goes to the legal name; the name by which the customer is known follows where it differs.
    known_as = buyer.name if buyer.legal_name and buyer.legal_name != buyer.name else ""
    return {
        "name": buyer.legal_name or buyer.name,
        "lines": [*filter(None, (known_as, *buyer.address_lines))],
        "tax_lines": list(buyer.tax_lines),
    }


def _facts(paper: Paper, figures: Figures, translate: Translate) -> list[tuple[str, str]]:
    facts = [
        (words.NUMBER, paper.number),
        (words.PERIOD, figures.period(paper.first_day, paper.last_day)),
        (words.ISSUED, figures.day(paper.issued_on) if paper.issued_on else ""),
        (words.DUE, figures.day(paper.due_on) if paper.due_on else ""),
        (words.CORRECTS, paper.corrects_number),
        (words.CURRENCY, paper.currency),
        (words.CUSTOMER_NUMBER, paper.customer_number),
        (words.EXTERNAL_ID, paper.external_id),
    ]
    return [*((translate(label), value) for label, value in facts if value), *paper.header_fields]


def _asks_for_payment(paper: Paper) -> bool:
    return not (paper.is_draft or paper.is_void) and paper.totals.total > 0 and paper.kind != "credit_note"


def _total(paper: Paper, figures: Figures, translate: Translate) -> dict[str, str]:
    is_due = _asks_for_payment(paper)
    note = ""
    if is_due and paper.due_on:
        note = translate(words.PAY_BY) % {"date": figures.day(paper.due_on)}
    return {
        "label": translate(words.TOTAL_DUE if is_due else words.TOTAL),
        "amount": figures.money(paper.totals.total),
        "note": note,
    }


def _glance(paper: Paper, figures: Figures, translate: Translate) -> list[dict[str, str]]:
    """The sums by provider, for a statement whose lines run over pages."""
    count = sum(1 for _ in paper.usage_lines()) + len(paper.charges) + len(paper.discounts)
    if count < _LINES_FOR_A_GLANCE:
        return []
    by_group = [_sum("plain", group.title, figures.amount(group.subtotal)) for group in paper.groups]
    return [*by_group, *_sums(paper, figures, translate, with_usage=not by_group)]


def _sum(kind: str, label: str, amount: str) -> dict[str, str]:
    return {"kind": kind, "label": label, "amount": amount}


def _sums(
    paper: Paper, figures: Figures, translate: Translate, *, with_usage: bool = True
) -> list[dict[str, str]]:
    """The arithmetic from the usage to the total, in the order in which it was done."""
    totals = paper.totals

    def plain(label: str, value: Decimal, is_there: object) -> list[dict[str, str]]:
        return [_sum("plain", translate(label), figures.amount(value))] if is_there or value else []

    usage = plain(words.USAGE, totals.usage, paper.groups) if with_usage else []
    kind = words.CHARGES if not paper.discounts else words.CHARGES_AND_DISCOUNTS
    charges = plain(
        words.CORRECTIONS if paper.is_correction() else kind, totals.charges, paper.charges or paper.discounts
    )
    adjustment = plain(words.ADJUSTMENT, totals.adjustment, paper.adjustment)
    credits = plain(words.CREDITS, totals.credits, paper.credits)
    taxes = [
        _sum("plain", f"{tax.name} {figures.percent(tax.percent)}", figures.amount(tax.amount))
        for tax in paper.taxes
    ] or plain(words.TAXES, totals.tax, None)
    before = [_sum("sum", translate(words.BEFORE_TAX), figures.amount(totals.before_tax))] if taxes else []
    total = _sum("total", translate(words.TOTAL), figures.money(totals.total))
    if paper.credits_follow_tax():
        return [*usage, *charges, *adjustment, *before, *taxes, *credits, total]
    return [*usage, *charges, *adjustment, *credits, *before, *taxes, total]


def _sections(paper: Paper, figures: Figures, translate: Translate) -> list[dict[str, Any]]:
    """The tables: one per provider, then one of everything that was added to the usage or taken off."""
    parts = [_usage_section(group, figures, translate) for group in paper.groups]
    kinds = [
        (translate(label), lines)
        for label, lines in (
            (words.CHARGES, paper.charges),
            (words.CORRECTIONS if paper.is_correction() else words.DISCOUNTS, paper.discounts),
            (words.ADJUSTMENT, paper.adjustment),
            (words.CREDITS, paper.credits),
        )
        if lines
    ]
    if len(kinds) == 1:
        [(title, lines)] = kinds
        parts.append(_section(title, [_block("", lines, figures)], lines, figures, translate))
    elif kinds:
        blocks = [_block(title, lines, figures) for title, lines in kinds]
        every = [line for _, lines in kinds for line in lines]
        parts.append(_section(translate(words.FURTHER), blocks, every, figures, translate))
    return parts


def _usage_section(group: PaperGroup, figures: Figures, translate: Translate) -> dict[str, Any]:
    lines = [line for account in group.accounts for line in account.lines]
    is_alone = len(group.accounts) == 1
    blocks = [_account(account, figures, translate, is_alone=is_alone) for account in group.accounts]
    return _section(group.title, blocks, lines, figures, translate, subtotal=group.subtotal)


def _account(
    account: PaperAccount, figures: Figures, translate: Translate, *, is_alone: bool
) -> dict[str, Any]:
    block = _block(account.title or account.account_id, account.lines, figures)
    if block["title"]:
        block["id"] = account.account_id if account.account_id != block["title"] else ""
        if len(account.lines) != 1 and not is_alone:
            block["subtotal"] = {
                "label": translate(words.SUBTOTAL_OF) % {"name": block["title"]},
                "amount": figures.amount(account.subtotal),
            }
    block["fields"] = _joined(f"{label}: {value}" for label, value in account.fields)
    return block


def _section(
    title: str,
    blocks: list[dict[str, Any]],
    lines: Sequence[PaperLine],
    figures: Figures,
    translate: Translate,
    *,
    subtotal: Decimal | None = None,
) -> dict[str, Any]:
    shown = {
        "quantity": any(line.quantity is not None for line in lines),
        "unit": any(line.unit for line in lines),
        "unit_price": any(line.unit_price is not None for line in lines),
        "percent": any(line.percent is not None for line in lines),
    }
    is_group = subtotal is not None
    if subtotal is None and len(lines) > 1:
        subtotal = sum((line.amount for line in lines), Decimal(0))
    return {
        "title": title,
        "has": [name for name, is_shown in shown.items() if is_shown],
        "blocks": blocks,
        "subtotal": None
        if subtotal is None
        else {
            "label": translate(words.TOTAL_OF) % {"name": title} if is_group else translate(words.TOTAL),
            "amount": figures.amount(subtotal),
        },
    }


def _block(title: str, lines: Iterable[PaperLine], figures: Figures) -> dict[str, Any]:
    return {
        "title": title,
        "id": "",
        "fields": "",
        "rows": [_row(line, figures) for line in lines],
        "subtotal": None,
    }


def _row(line: PaperLine, figures: Figures) -> dict[str, str]:
    return {
        "text": line.text,
        "detail": line.detail,
        "quantity": "" if line.quantity is None else figures.quantity(line.quantity),
        "unit": line.unit,
        "unit_price": "" if line.unit_price is None else figures.price(line.unit_price),
        "percent": "" if line.percent is None else figures.percent(line.percent),
        "amount": figures.amount(line.amount),
    }


def _joined(texts: Iterable[str]) -> str:
    return "  ·  ".join(filter(None, texts))


def _printable(value: Any) -> Any:
    """The same structure, with texts that can be printed and broken into lines."""
    if isinstance(value, str):
        return _breakable(_visible(value))
    if isinstance(value, Mapping):
        return {key: _printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value


def _visible(text: str) -> str:
    """The text without what has no shape and what would turn the direction of its neighbours."""
    if text.isprintable():
        return text
    return "".join(
        " " if unicodedata.category(one) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") else one
        for one in text
        if not "\u202a" <= one <= "\u202e" and not "\u2066" <= one <= "\u2069"
    )


def _breakable(text: str) -> str:
    return _LONG_WORD.sub(_with_breaks, text)


def _with_breaks(found: re.Match[str]) -> str:
    pieces = _BREAK_AFTER.sub(rf"\1{_BREAK}", found[0]).split(_BREAK)
    return _BREAK.join(
        _BREAK.join(piece[at : at + _LONGEST_WORD] for at in range(0, len(piece), _LONGEST_WORD)) or piece
        for piece in pieces
    )
