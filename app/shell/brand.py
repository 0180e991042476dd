"""Whose face a page wears: a reseller's name, logo and colour, or the product's own.

Only pages that customers see wear one. Whoever answers the request says whose (``wear``); the portal puts it into the
frame of the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from app.tenancy.models import Reseller


@dataclass(frozen=True, slots=True)
class Brand:
    """A reseller's face, apart from its row: pages are drawn after the transaction that found it."""

    nickname: str
    name: str
    color: str
    has_logo: bool
    support_email: str
    version: int


def wear(reseller: Reseller) -> None:
    """Let the page of this request be the reseller's."""
    g.brand = Brand(
        nickname=reseller.nickname,
        name=reseller.shown_name,
        color=reseller.brand_color,
        has_logo=bool(reseller.logo_type),
        support_email=reseller.support_email,
        version=reseller.version,
    )


def wear_brand_of(user: object) -> None:
    """Let the page of this request be that of the reseller whose customer's login this is; nobody else's changes it."""
    if user is not None and getattr(user, "customer_id", None) is not None:
        wear(user.reseller)  # type: ignore[attr-defined]


def worn_brand() -> Brand | None:
    """Return whose face this request wears, None for the product's own."""
    found: Brand | None = g.get("brand")
    return found
