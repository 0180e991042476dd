"""A statement becomes the paper that the customer gets: names and addresses as they are on the day it is made."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from itertools import groupby
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.cloud_accounts.queries import account_fields
from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.custom_fields.values import typed_value
from app.customers.models import Customer
from app.customers.queries import customer_fields
from app.extensions import db
from app.kernel.places import country_name
from app.providers.models import Provider
from app.rating.money import ZERO, exactly, round_money
from app.rating.months import last_day
from app.rating.pricing import StatementLine as RatedLine
from app.rating.statement import USAGE_KINDS, RatedStatement
from app.rating.usage import LineKind
from app.shell.formats import exact_text, percent_text
from app.statements import ports
from app.statements.documents.figures import day_text
from app.statements.freezing import plain, read
from app.statements.models import Kind, Statement, StatementLogo
from app.statements.paper import (
    Field,
    Logo,
    Paper,
    PaperAccount,
    PaperGroup,
    PaperKind,
    PaperLine,
    PaperTax,
    PaperTotals,
    Party,
)
from app.statements.pricing import Behind
from app.statements.rated import Rated
from app.statements.words import unit_word
from app.tenancy.models import Reseller

#: How many decimals a price per unit shows that was divided out.
_UNIT_PRICE_DECIMALS = 6
#: Enough for the largest amount over the smallest quantity.
_UNIT_PRICE_DIGITS = 80

LineName = tuple[str, str, LineKind, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """The quantity of a printed line, where all of it has one unit."""

    quantity: Decimal
    unit: str


def measured(statement: RatedStatement) -> dict[LineName, Measured]:
    """Return the quantities of usage lines, of those that have one unit throughout."""
    units: dict[LineName, set[str]] = {}
    sums: dict[LineName, Decimal] = {}
    for row in statement.rows:
        if row.treatment.is_billed:
            name = (row.line.provider, row.line.account, row.treatment.kind, row.line.service)
            units.setdefault(name, set()).add(Behind.read(row.line.reference).unit)
            sums[name] = sums.get(name, ZERO) + row.line.quantity
    return {
        name: Measured(sums[name], unit_word(next(iter(some))))
        for name, some in units.items()
        if len(some) == 1 and "" not in some
    }


def name_of(line: RatedLine) -> LineName:
    """Return what a printed line of usage is known by."""
    return line.provider, line.account, line.kind, line.service


def paper_of(rated: Rated, kind: PaperKind) -> Paper:
    """Return the paper of a statement that is not issued yet, in the customer's language."""
    customer, given, statement = rated.customer, rated.given, rated.statement
    with force_locale(customer.language):
        quantities = measured(statement)
        names = _AccountNames(rated)
        printed = [one for one in statement.lines if one.kind in USAGE_KINDS]
        charges = [_charge(one, names) for one in statement.lines if one.kind is LineKind.CHARGE]
        discounts = [_charge(one, names) for one in statement.lines if one.kind is LineKind.DISCOUNT]
        taxes = [one for one in statement.lines if one.kind is LineKind.TAX]
        return Paper(
            **_common(customer, given.month, given.currency, rated.agreed.options.notes),
            kind="credit_note" if statement.is_credit_note else kind,
            page_size=rated.agreed.options.page_size,
            is_draft=True,
            is_estimated=rated.is_estimated,
            header_fields=_printed_fields(customer_fields(), customer.custom_values, customer.language)
            if rated.agreed.options.shows_custom_fields
            else (),
            groups=_groups(printed, quantities, names, by_account=rated.agreed.options.groups_by_account),
            charges=tuple(charges),
            discounts=tuple(discounts),
            adjustment=tuple(
                _adjustment(one) for one in statement.lines if one.kind is LineKind.GLOBAL_ADJUSTMENT
            ),
            credits=tuple(
                PaperLine(text=credit_text(), amount=one.amount)
                for one in statement.lines
                if one.kind is LineKind.CREDIT
            ),
            taxes=tuple(PaperTax(one.text, one.rate or ZERO, one.basis, one.amount) for one in taxes),
            totals=_totals(statement, credits_lower_tax=given.credits_lower_tax),
            exchange_rates=tuple(
                (one.from_currency, one.to_currency, one.rate) for one in statement.exchange_rates
            ),
        )


def credit_note_paper(
    corrected: Statement, text: str, amount: Decimal, taxes: Sequence[PaperTax], total: Decimal
) -> Paper:
    """Return the paper of a correction: one line, and the taxes of what it corrects."""
    customer = corrected.customer
    with force_locale(customer.language):
        return Paper(
            **_common(customer, corrected.month, corrected.currency, ""),
            kind="credit_note",
            page_size=ports.options_in(corrected.month).page_size,
            is_draft=True,
            corrects_number=corrected.number or "",
            discounts=(PaperLine(text=text, amount=amount),),
            taxes=tuple(taxes),
            totals=PaperTotals(ZERO, amount, ZERO, ZERO, amount, total - amount, total),
        )


def _common(customer: Customer, month: datetime.date, currency: str, notes: str) -> dict[str, Any]:
    reseller = customer.reseller
    return {
        "language": customer.language,
        "seller": seller_of(reseller, customer.language),
        "buyer": buyer_of(customer),
        "currency": currency,
        "month": month,
        "first_day": month,
        "last_day": last_day(month),
        "logo": Logo(reseller.logo, reseller.logo_type) if reseller.logo else None,
        "accent": reseller.brand_color,
        "customer_number": customer.account_number,
        "external_id": customer.external_id,
        "notes": notes,
    }


def seller_of(reseller: Reseller, language: str) -> Party:
    """Return the reseller as it stands on its statements."""
    tax_lines = (tax_number_text(reseller.tax_number),) if reseller.tax_number else ()
    return Party(
        name=reseller.shown_name,
        legal_name=reseller.legal_name,
        address_lines=_address(reseller, language),
        email=reseller.support_email or reseller.operations_email,
        website=reseller.website,
        tax_lines=tax_lines,
    )


def buyer_of(customer: Customer) -> Party:
    """Return the customer as it stands on its statements."""
    return Party(
        name=customer.organization,
        address_lines=(customer.contact_name, *_address(customer, customer.language)),
        email=customer.email,
    )


def _address(of: Reseller | Customer, language: str) -> tuple[str, ...]:
    town = " ".join(one for one in (of.postal_code, of.city) if one)
    country = country_name(of.country, language) if of.country else ""
    return tuple(one for one in (of.street, town, of.state, country) if one)


def _printed_fields(
    definitions: Iterable[CustomFieldDefinition], values: Mapping[str, Any], language: str
) -> tuple[Field, ...]:
    """Return the custom fields that stand on statements, of a customer or of an account of it."""
    found = []
    for one in definitions:
        value = typed_value(one.type, values.get(one.name))
        if ports.is_printed(one) and value not in (None, ""):
            found.append((one.label, _field_text(value, one.type, language)))
    return tuple(found)


def _field_text(value: Decimal | datetime.date | str | None, kind: FieldType, language: str) -> str:
    if isinstance(value, Decimal):
        return exact_text(value)
    if isinstance(value, datetime.date):
        return day_text(value, language)
    if kind is FieldType.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(value or "", value or "")
    return value or ""


class _AccountNames:
    """What accounts and providers of a statement are called, and the custom fields that stand beside them."""

    def __init__(self, rated: Rated) -> None:
        self._accounts = {
            (one.account.provider.code, one.account.account_id): one.account.name for one in rated.agreed.held
        }
        self._providers = {one.account.provider.code: one.account.provider for one in rated.agreed.held}
        definitions = account_fields() if rated.agreed.options.shows_custom_fields else ()
        self._fields = {
            (one.account.provider.code, one.account.account_id): _printed_fields(
                definitions, one.account.custom_values, rated.customer.language
            )
            for one in rated.agreed.held
        }

    def of(self, provider: str, account: str) -> str:
        return self._accounts.get((provider, account)) or account

    def fields(self, provider: str, account: str) -> tuple[Field, ...]:
        return self._fields.get((provider, account), ())

    def provider(self, code: str) -> str:
        found: Provider | None = self._providers.get(code)
        return found.name if found is not None else code


def _groups(
    lines: Sequence[RatedLine],
    quantities: Mapping[LineName, Measured],
    names: _AccountNames,
    *,
    by_account: bool,
) -> tuple[PaperGroup, ...]:
    groups = []
    for code, some in groupby(lines, key=lambda one: one.provider):
        of_provider = list(some)
        accounts = []
        if by_account:
            for account, own in groupby(of_provider, key=lambda one: one.account):
                mine = list(own)
                printed = tuple(_usage(one, quantities) for one in mine)
                accounts.append(
                    PaperAccount(
                        names.of(code, account),
                        _sum(mine),
                        printed,
                        account_id=account,
                        fields=names.fields(code, account),
                    )
                )
        else:
            printed = tuple(_usage(one, quantities, names.of(code, one.account)) for one in of_provider)
            accounts.append(PaperAccount("", _sum(of_provider), printed))
        groups.append(PaperGroup(names.provider(code), _sum(of_provider), tuple(accounts)))
    return tuple(groups)


@exactly
def _sum(lines: Iterable[RatedLine]) -> Decimal:
    return sum((one.amount for one in lines), ZERO)


def _usage(line: RatedLine, quantities: Mapping[LineName, Measured], account: str = "") -> PaperLine:
    found = quantities.get(name_of(line))
    detail = " · ".join(one for one in (account, kind_words(line.kind)) if one)
    text = line.service or other_usage_text()
    if found is None:
        return PaperLine(text=text, amount=line.amount, detail=detail)
    return PaperLine(
        text=text,
        amount=line.amount,
        detail=detail,
        quantity=found.quantity,
        unit=found.unit,
        unit_price=_unit_price(line.amount, found.quantity),
    )


def kind_words(kind: LineKind) -> str:
    """Say what a line is that is not plain usage."""
    words = {
        LineKind.PURCHASE: _("Purchase"),
        LineKind.COMMITMENT_FEE: _("Commitment fee"),
        LineKind.PROVIDER_ADJUSTMENT: _("Adjustment by the provider"),
        LineKind.PROVIDER_CREDIT: _("Credit of the provider"),
        LineKind.MARKETPLACE: _("Marketplace"),
    }
    return words.get(kind, "")


def _unit_price(amount: Decimal, quantity: Decimal) -> Decimal | None:
    """What one unit comes to: told, never computed with. Six decimals, or four digits of what is smaller."""
    if quantity <= 0:
        return None
    with localcontext(prec=_UNIT_PRICE_DIGITS):
        price = amount / quantity
        decimals = max(_UNIT_PRICE_DECIMALS, 3 - price.adjusted()) if price else _UNIT_PRICE_DECIMALS
        return price.quantize(Decimal(1).scaleb(-decimals))


def _charge(line: RatedLine, names: _AccountNames) -> PaperLine:
    return PaperLine(
        text=line.text,
        amount=line.amount,
        detail=names.of(line.provider, line.account) if line.account else "",
        percent=line.rate,
    )


def _adjustment(line: RatedLine) -> PaperLine:
    return PaperLine(text=adjustment_text(line.rate or ZERO), amount=line.amount, percent=line.rate)


def adjustment_text(rate: Decimal) -> str:
    """Say what a customer's discount or uplift on everything is."""
    percent = percent_text(abs(rate))
    if rate < 0:
        return _("Discount of %(percent)s", percent=percent)
    return _("Surcharge of %(percent)s", percent=percent)


def credit_text() -> str:
    """Say what a credit of the reseller is."""
    return _("Credit")


def other_usage_text() -> str:
    """Say what usage is of which the bill names no service."""
    return _("Other usage")


def tax_number_text(number: str) -> str:
    """Say whose tax number it is."""
    return _("Tax number: %(number)s", number=number)


@exactly
def _totals(statement: RatedStatement, *, credits_lower_tax: bool) -> PaperTotals:
    net = statement.usage_amount + statement.charges_amount + statement.adjustment_amount
    return PaperTotals(
        usage=statement.usage_amount,
        charges=statement.charges_amount,
        adjustment=statement.adjustment_amount,
        credits=statement.credit_amount,
        before_tax=net + statement.credit_amount if credits_lower_tax else net,
        tax=statement.tax_amount,
        total=statement.total,
    )


# -- kept and read -------------------------------------------------------------------------------------------------


def written(paper: Paper) -> dict[str, Any]:
    """Return a paper as JSON; its image is kept once for all statements, and named by its hash."""
    found: dict[str, Any] = plain(replace(paper, logo=None))
    if paper.logo is not None:
        found["logo"] = _keep_logo(paper.logo)
    return found


def _keep_logo(logo: Logo) -> str:
    digest = hashlib.sha256(logo.content).hexdigest()
    if _logo(digest) is None:
        db.session.add(StatementLogo(sha256=digest, media_type=logo.media_type, content=logo.content))
        db.session.flush()
    return digest


def _logo(digest: str) -> StatementLogo | None:
    return db.session.scalars(select(StatementLogo).where(StatementLogo.sha256 == digest)).one_or_none()


def read_paper(statement: Statement) -> Paper:
    """Return the paper of a stored statement: as it was frozen, with where it stands today."""
    kept = dict(statement.paper)
    logo = _logo(kept.pop("logo")) if kept.get("logo") else None
    paper = read(Paper, {**kept, "logo": None})
    return replace(
        paper,
        logo=Logo(logo.content, logo.media_type) if logo is not None else None,
        number=statement.number or "",
        is_draft=not statement.is_issued,
        is_void=statement.void_reason != "",
    )


def paper_kind(kind: Kind) -> PaperKind:
    """Return what a paper calls a statement of a kind."""
    return {Kind.USAGE: "usage", Kind.FEES: "fees", Kind.CREDIT_NOTE: "credit_note"}[kind]  # type: ignore[return-value]


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount as it is printed."""
    return round_money(amount, currency)


def image_address(logo: Logo) -> str:
    """Return an image as an address that a page can show at once."""
    return f"data:{logo.media_type};base64,{base64.b64encode(logo.content).decode()}"
