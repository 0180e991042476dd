"""Rules of pricebooks, first form (pricing, 5): copies of a master with a name and one percent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.errors import Invalid, WrongState
from app.extensions import db
from app.kernel.references import count_owners
from app.pricebooks.models import Pricebook
from app.providers.models import Provider
from app.providers.queries import resold_providers
from app.tenancy.names import check_name_is_free

LOWEST_PERCENT, HIGHEST_PERCENT = Decimal(-100), Decimal(1000)


def create_pricebook(*, provider_id: int, name: str, adjustment_percent: Decimal) -> Pricebook:
    """Copy a provider's master under a name; below 0 is a discount on it, above 0 an uplift."""
    provider = next((one for one in resold_providers() if one.id == provider_id), None)
    if provider is None:
        raise Invalid(_("Choose a provider that you may resell."), field="provider_id")
    _check(provider, name, adjustment_percent)
    book = Pricebook(provider=provider, name=name, adjustment_percent=adjustment_percent, is_retired=False)
    db.session.add(book)
    db.session.flush()
    return book


def change_pricebook(book: Pricebook, values: Mapping[str, Any]) -> Pricebook:
    """Change name, percent and whether the book is offered. A book stays with its provider."""
    if values["provider_id"] != book.provider_id:
        raise Invalid(
            _("A pricebook stays with its provider. Add another pricebook instead."), field="provider_id"
        )
    _check(book.provider, values["name"], values["adjustment_percent"], besides=book.id)
    for name in ("name", "adjustment_percent", "is_retired"):
        if getattr(book, name) != values[name]:
            setattr(book, name, values[name])
    db.session.flush()
    return book


def delete_pricebook(book: Pricebook) -> None:
    """Delete a book that prices nobody; raises ``WrongState`` with the number of customers otherwise."""
    customers = count_owners(db.session, Pricebook, [book.id]).get(book.id, 0)
    if customers:
        raise WrongState(
            ngettext(
                "%(num)s customer uses %(name)s. Choose another pricebook for it first, or retire this one.",
                "%(num)s customers use %(name)s. Choose another pricebook for them first, or retire this one.",
                customers,
                name=book.name,
            )
        )
    db.session.delete(book)
    db.session.flush()


def _check(provider: Provider, name: str, percent: Decimal, *, besides: int | None = None) -> None:
    if not LOWEST_PERCENT <= percent <= HIGHEST_PERCENT:
        raise Invalid(_("Enter a percentage from −100 to 1000."), field="adjustment_percent")
    check_name_is_free(
        db.session, Pricebook.name, name, Pricebook.provider_id == provider.id, besides=besides
    )
