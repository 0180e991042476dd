"""The catalogue's entries, their logos, and what a reseller is granted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.audit.log import because
from app.errors import Invalid
from app.extensions import db
from app.providers.account_ids import check_account_pattern
from app.providers.models import Provider, ResellerProvider

LARGEST_LOGO = 256 * 1024
CODE = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")


def logo_type(data: bytes) -> str:
    """Return the media type by the file's own signature; raises ``Invalid`` for anything but PNG, JPEG and WebP."""
    if len(data) > LARGEST_LOGO:
        raise Invalid(_("The logo is larger than 256 KB. Choose a smaller file."), field="logo_file")
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise Invalid(_("Choose a PNG, JPEG or WebP image."), field="logo_file")


def create_provider(values: Mapping[str, Any], *, code: str) -> Provider:
    """Add a provider to the catalogue. Its code never changes: imports and icons go by it."""
    if not CODE.fullmatch(code):
        raise Invalid(
            _("Use 3 to 40 lower-case letters, digits and hyphens; begin with a letter."), field="code"
        )
    if db.session.scalars(select(Provider.id).where(Provider.code == code)).first() is not None:
        raise Invalid(_("Another provider has this code. Choose another."), field="code")
    provider = Provider(code=code)
    _set(provider, values)
    db.session.add(provider)
    return provider


def change_provider(provider: Provider, values: Mapping[str, Any]) -> Provider:
    """Change a provider. Account ids that were accepted before stay."""
    _set(provider, values)
    return provider


def _set(provider: Provider, values: Mapping[str, Any]) -> None:
    check_account_pattern(values["account_pattern"], values["account_example"])
    query = select(Provider.id).where(Provider.name == values["name"])
    with db.session.no_autoflush:
        if any(found != provider.id for found in db.session.scalars(query)):
            raise Invalid(_("Another provider has this name. Choose another."), field="name")
    for name, value in values.items():
        setattr(provider, name, value)


def set_logo(provider: Provider, data: bytes | None) -> None:
    """Give the provider a logo, or take it away."""
    provider.logo_type = logo_type(data) if data else ""
    provider.logo = data or None


def save_grants(reseller_id: int, wanted: Mapping[int, bool]) -> list[str]:
    """Let a reseller resell exactly the providers in ``wanted`` (id -> is it in the provider's program).

    What its customers have with a withdrawn provider stays. An inactive provider is granted to nobody anew. Returns the
    names of the providers granted now.
    """
    query = select(ResellerProvider).where(ResellerProvider.reseller_id == reseller_id)
    granted = {one.provider_id: one for one in db.session.scalars(query)}
    with because("withdrawn"):
        for provider_id in granted.keys() - wanted.keys():
            db.session.delete(granted[provider_id])
    is_offered = or_(Provider.is_active, Provider.id.in_(granted))
    found = db.session.scalars(select(Provider).where(Provider.id.in_(wanted), is_offered))
    providers = {one.id: one for one in found}
    with because("granted"):
        for provider_id in providers.keys() - granted.keys():
            db.session.add(
                ResellerProvider(
                    reseller_id=reseller_id,
                    provider=providers[provider_id],
                    in_solution_provider_program=wanted[provider_id],
                )
            )
    for provider_id in wanted.keys() & granted.keys():
        granted[provider_id].in_solution_provider_program = wanted[provider_id]
    return sorted(str(one) for one in providers.values())
