"""Rules of pricebooks (pricing, 5): copies of a master with a name, one percent, and rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import delete

from app.audit.log import record
from app.errors import Invalid, WrongState
from app.extensions import db
from app.months.locks import first_open_month, hold_months
from app.months.terms import change_terms, forget_terms
from app.pricebooks.log import told_rules
from app.pricebooks.models import Pricebook, PriceRule
from app.pricebooks.queries import customers_with, months_of, priced_in_earlier_months, rules_of
from app.pricebooks.rating import rule_of
from app.pricebooks.rows import CELLS
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.rating.pricebook import MatchMode
from app.rating.pricebook import PriceRule as RatedRule
from app.tenancy.names import check_name_is_free

LOWEST_PERCENT, HIGHEST_PERCENT = Decimal(-100), Decimal(1000)


def create_pricebook(
    *,
    provider_id: int,
    name: str,
    adjustment_percent: Decimal,
    currency: str,
    match_mode: MatchMode = MatchMode.MOST_SPECIFIC,
    rules: Sequence[RatedRule] = (),
    left_out: Sequence[dict[str, Any]] = (),
) -> Pricebook:
    """Copy a provider's master under a name; below 0 is a discount on it, above 0 an uplift."""
    provider = next((one for one in resold_providers() if one.id == provider_id), None)
    if provider is None:
        raise Invalid(_("Choose a provider that you may resell."), field="provider_id")
    _check(provider, name, adjustment_percent)
    book = Pricebook(
        provider=provider,
        name=name,
        adjustment_percent=adjustment_percent,
        currency=currency,
        match_mode=match_mode,
        is_retired=False,
        left_out=list(left_out),
    )
    db.session.add(book)
    db.session.flush()
    add_rules(book, rules)
    return book


def add_rules(book: Pricebook, rules: Sequence[RatedRule]) -> None:
    """Give a new book its rules, in this order, and tell the change log."""
    if not rules:
        return
    db.session.add_all(
        PriceRule(
            reseller_id=book.reseller_id,
            pricebook_id=book.id,
            position=position,
            **{name: getattr(rule, name) for name in CELLS},
        )
        for position, rule in enumerate(rules, start=1)
    )
    db.session.flush()
    record("changed", book, changes=told_rules([(None, rule) for rule in rules], (0, len(rules))))


def change_pricebook(book: Pricebook, values: Mapping[str, Any]) -> Pricebook:
    """Change name, currency, match mode, whether the book is offered, and its percent from ``counts_from`` on.

    ``values["counts_from"]`` is a month, None for all of them. A book stays with its provider. Currency and match mode
    hold in every month at once, so they stay as soon as an issued statement has used the book.
    """
    if values["provider_id"] != book.provider_id:
        raise Invalid(
            _("A pricebook stays with its provider. Add another pricebook instead."), field="provider_id"
        )
    _check(book.provider, values["name"], values["adjustment_percent"], besides=book.id)
    for name in ("currency", "match_mode"):
        if getattr(book, name) != values[name] and first_open_month(months_of(book)) is not None:
            raise Invalid(
                _("An issued statement has used this pricebook as it is. Duplicate it to change this."),
                field=name,
            )
    for name in ("name", "currency", "match_mode", "is_retired"):
        if getattr(book, name) != values[name]:
            setattr(book, name, values[name])
    terms = {"adjustment_percent": values["adjustment_percent"]}
    change_terms(book, terms, from_month=values["counts_from"], locked_with=months_of(book))
    db.session.flush()
    return book


def duplicate_pricebook(book: Pricebook, *, name: str, adjustment_percent: Decimal) -> Pricebook:
    """Make another book of the same provider with the same rules; those that ended in locked months stay behind."""
    rules = rules_of(book, ending_from=first_open_month(months_of(book)))
    return create_pricebook(
        provider_id=book.provider_id,
        name=name,
        adjustment_percent=adjustment_percent,
        currency=book.currency,
        match_mode=book.match_mode,
        rules=[rule_of(rule) for rule in rules],
        left_out=book.left_out,
    )


def delete_pricebook(book: Pricebook) -> None:
    """Delete a book that prices nobody and never did; raises ``WrongState`` with the number of customers otherwise."""
    hold_months()
    customers = customers_with(book)
    if customers:
        raise WrongState(
            ngettext(
                "%(num)s customer uses %(name)s. Choose another pricebook for it first, or retire this one.",
                "%(num)s customers use %(name)s. Choose another pricebook for them first, or retire this one.",
                customers,
                name=book.name,
            )
        )
    if priced_in_earlier_months(book) or first_open_month(months_of(book)) is not None:
        raise WrongState(
            _(
                "%(name)s priced customers in earlier months, which can be computed again. Retire it instead.",
                name=book.name,
            )
        )
    gone = [(rule_of(rule), None) for rule in rules_of(book)]
    if gone:
        record("changed", book, changes=told_rules(gone, (len(gone), 0)))
    db.session.execute(delete(PriceRule).where(PriceRule.pricebook_id == book.id))
    forget_terms(book)
    db.session.delete(book)
    db.session.flush()


def check_percent(percent: Decimal) -> None:
    """Raise ``Invalid`` for a percentage that no book has."""
    if not LOWEST_PERCENT <= percent <= HIGHEST_PERCENT:
        raise Invalid(_("Enter a percentage from −100 to 1000."), field="adjustment_percent")


def _check(provider: Provider, name: str, percent: Decimal, *, besides: int | None = None) -> None:
    check_percent(percent)
    check_name_is_free(
        db.session, Pricebook.name, name, Pricebook.provider_id == provider.id, besides=besides
    )
