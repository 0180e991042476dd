"""What a reseller decides about its storefront: who may sign up and how, and what customers find in the portal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.errors import Invalid
from app.extensions import db
from app.kernel.domains import ascii_domain, is_within
from app.kernel.rich_text import rich_text
from app.settings.models import DEFAULTS, StorefrontSettings
from app.settings.services import load_reseller

#: The settings of each of the two screens.
SIGNUP_SWITCHES = (
    "is_signup_open",
    "requires_email_validation",
    "requires_address",
    "requires_terms",
    "approves_automatically",
)
SIGNUP_TEXTS = ("green_domains", "red_domains", "signup_text")
PORTAL_SWITCHES = (
    "shows_catalog",
    "shows_dashboard",
    "shows_reports",
    "allows_purchasing",
    "shows_statements",
    "shows_accounts",
    "shows_company",
    "requires_terms_for_accounts",
)

MOST_DOMAINS = 500
_BETWEEN = re.compile(r"[\s,;]+")


def read_domains(text: str, *, field: str = "") -> list[str]:
    """Return the domains that somebody typed, one a line or with commas, as DNS knows them and each once."""
    found: dict[str, None] = {}
    for word in _BETWEEN.split(text):
        if not word:
            continue
        try:
            found[ascii_domain(word)] = None
        except ValueError:
            raise Invalid(
                _("“%(word)s” is no domain. Enter domains such as example.com, one a line.", word=word[:100]),
                field=field,
            ) from None
    if len(found) > MOST_DOMAINS:
        raise Invalid(_("Enter at most %(n)s domains.", n=MOST_DOMAINS), field=field)
    return list(found)


def shown_domains(stored: str) -> str:
    """Return stored domains as people write them, where that reads back as the same."""
    return "\n".join(_shown(one) for one in stored.split())


def _shown(domain: str) -> str:
    try:
        readable = domain.encode("ascii").decode("idna")
        return readable if ascii_domain(readable) == domain else domain
    except ValueError:
        return domain


def may_sign_up(settings: StorefrontSettings, domain: str) -> bool:
    """May an address of this domain sign up? What stands below a listed domain counts as listed; red comes first."""
    green, red = settings.green_domains.split(), settings.red_domains.split()
    return not is_within(domain, red) and (not green or is_within(domain, green))


def hold_settings() -> StorefrontSettings:
    """Return the settings of the reseller in scope as they are, held until the commit; the first call stores them."""
    load_reseller(lock=True)
    found = db.session.scalars(
        select(StorefrontSettings).execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        found = StorefrontSettings(**DEFAULTS)
        db.session.add(found)
        db.session.flush()
    return found


def save_signup(settings: StorefrontSettings, values: Mapping[str, Any]) -> StorefrontSettings:
    """Change Customer Signup. ``values`` holds ``SIGNUP_SWITCHES`` and ``SIGNUP_TEXTS`` as they were typed."""
    green = read_domains(values["green_domains"], field="green_domains")
    red = read_domains(values["red_domains"], field="red_domains")
    _check_lists(green, red)
    texts = {
        "green_domains": "\n".join(green),
        "red_domains": "\n".join(red),
        "signup_text": rich_text(values["signup_text"]),
    }
    return _change(settings, {**{name: bool(values[name]) for name in SIGNUP_SWITCHES}, **texts})


def save_portal(settings: StorefrontSettings, values: Mapping[str, Any]) -> StorefrontSettings:
    """Change Portal Functionality. ``values`` holds ``PORTAL_SWITCHES``."""
    return _change(settings, {name: bool(values[name]) for name in PORTAL_SWITCHES})


def _change(settings: StorefrontSettings, values: Mapping[str, Any]) -> StorefrontSettings:
    for name, value in values.items():
        if getattr(settings, name) != value:
            setattr(settings, name, value)
    db.session.flush()
    return settings


def _check_lists(green: Iterable[str], red: Iterable[str]) -> None:
    """Raise ``Invalid`` for a green domain that could never sign up, because a red one covers it."""
    red = list(red)
    for domain in green:
        if is_within(domain, red):
            raise Invalid(
                _(
                    "%(domain)s is on the red list, or below a domain that is. Take it from one of the lists.",
                    domain=domain,
                ),
                field="green_domains",
            )
