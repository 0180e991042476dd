"""Account Information: what a reseller says about itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.errors import EditConflict, Invalid, NotVisible
from app.extensions import db
from app.kernel.colors import hex_of, read_color
from app.kernel.domains import LONGEST_HOST, ascii_domain
from app.kernel.places import country_codes, currency_codes, timezone_names
from app.settings.logo import Logo
from app.settings.models import FormerNickname
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope, system_scope

#: What the reseller itself may change; the operations address is the platform's.
ACCOUNT_FIELDS = (
    "name",
    "nickname",
    "legal_name",
    "tax_number",
    "street",
    "city",
    "state",
    "postal_code",
    "country",
    "phone",
    "website",
    "support_email",
    "portal_name",
    "brand_color",
    "currency",
    "time_zone",
)

NICKNAME_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")

_RESERVED_WORDS = """
about account accounts admin administrator api app apps assets audit auth billing blog cloudtally console
customer customers dashboard demo docs download downloads email enter favicon files ftp health healthz help
home host imap invitation invite legal login logout mail media metrics null oauth ops platform portal
postmaster pricebooks privacy profile public readyz register reports reset reseller resellers robots root
security settings sign-in sign-out sign-up signin signout signup smtp sso static status support system terms
test undefined user users webmaster www
"""
#: Words that stand, or may come to stand, at the beginning of an address or of a host name.
RESERVED_NICKNAMES = frozenset(_RESERVED_WORDS.split())


def load_reseller(*, lock: bool = False) -> Reseller:
    """Return the reseller in scope; with ``lock`` as it is now, held until the commit."""
    query = select(Reseller).where(Reseller.id == current_scope().reseller_id)
    if lock:
        query = (
            query.options(undefer(Reseller.logo)).with_for_update().execution_options(populate_existing=True)
        )
    reseller: Reseller | None = db.session.scalars(query).one_or_none()
    if reseller is None:
        raise NotVisible
    return reseller


def save_account(
    values: Mapping[str, Any],
    *,
    languages: Sequence[str],
    known_languages: Sequence[str],
    version: int,
    logo: Logo | None = None,
    remove_logo: bool = False,
) -> Reseller:
    """Change the account information of the reseller in scope.

    ``values`` holds ``ACCOUNT_FIELDS``; ``version`` is that of the form. A new ``logo`` wins over ``remove_logo``.
    Raises ``EditConflict`` when somebody saved in between, ``Invalid`` for a nickname that is taken or reserved.
    """
    reseller = load_reseller(lock=True)
    if reseller.version != version:
        raise EditConflict
    _check_places(values)
    values = {**values, "brand_color": brand_color(values["brand_color"])}
    check_new_nickname(reseller, values["nickname"])
    for name in ACCOUNT_FIELDS:
        if getattr(reseller, name) != values[name]:
            setattr(reseller, name, values[name])
    wanted = ",".join(_ordered_languages(languages, known_languages, default=reseller.language_codes[:1]))
    if reseller.languages != wanted:
        reseller.languages = wanted
    if logo is not None:
        reseller.logo, reseller.logo_type = logo.content, logo.media_type
    elif remove_logo:
        reseller.logo, reseller.logo_type = None, ""
    reseller.version += 1
    db.session.flush()
    return reseller


def check_nickname(nickname: str, *, besides: int | None = None) -> None:
    """Raise ``Invalid`` when a nickname cannot name a reseller in addresses."""
    if not NICKNAME_PATTERN.fullmatch(nickname):
        raise Invalid(
            _("Use 3 to 40 lower-case letters, digits and hyphens, with a letter or digit at both ends."),
            field="nickname",
        )
    if nickname in RESERVED_NICKNAMES:
        raise Invalid(_("This word is reserved. Choose another nickname."), field="nickname")
    with system_scope("a nickname is unique over the whole platform"):
        owners = {
            *db.session.scalars(select(Reseller.id).where(Reseller.nickname == nickname)),
            *db.session.scalars(
                select(FormerNickname.reseller_id).where(FormerNickname.nickname == nickname)
            ),
        }
    if owners - {besides}:
        raise Invalid(_("This nickname is taken. Choose another one."), field="nickname")


def check_new_nickname(reseller: Reseller, nickname: str) -> None:
    """Do as ``check_nickname`` for a reseller that changes its own, and keep the one that it gives up for it."""
    if nickname == reseller.nickname:
        return
    check_nickname(nickname, besides=reseller.id)
    with system_scope("the platform keeps the nicknames of all resellers"):
        kept = select(FormerNickname.id).where(FormerNickname.nickname == reseller.nickname)
        if db.session.scalars(kept).one_or_none() is None:
            db.session.add(FormerNickname(reseller_id=reseller.id, nickname=reseller.nickname))
            db.session.flush()


def brand_color(text: str) -> str:
    """Return a colour as it is stored, ``#0e6785``; nothing for none. Raises ``Invalid`` for what is no colour."""
    if not text.strip():
        return ""
    try:
        return hex_of(read_color(text))
    except ValueError:
        raise Invalid(_("Enter a colour such as #0e6785."), field="brand_color") from None


def portal_host(text: str, *, own: Collection[str], besides: int | None = None) -> str | None:
    """Return the host name of a portal as it is stored, None for none.

    ``own`` are the product's own host names, which belong to nobody's portal. Raises ``Invalid`` for what DNS knows no
    name of, and for a name that another reseller has.
    """
    if not text.strip():
        return None
    try:
        host = ascii_domain(text)
    except ValueError:
        host = ""
    if not host or len(host) > LONGEST_HOST or text.strip()[0] in "@*.":
        raise Invalid(
            _("Enter a host name such as portal.example.com, without https:// and without a path."),
            field="portal_host",
        )
    if host in own:
        raise Invalid(_("This is the platform's own address. Choose another."), field="portal_host")
    with system_scope("a portal's host name is unique over the whole platform"):
        found = db.session.scalars(select(Reseller.id).where(Reseller.portal_host == host)).one_or_none()
    if found is not None and found != besides:
        raise Invalid(_("Another reseller's portal has this host name."), field="portal_host")
    return host


def _check_places(values: Mapping[str, Any]) -> None:
    for field, known in (
        ("country", country_codes()),
        ("currency", currency_codes()),
        ("time_zone", timezone_names()),
    ):
        if values[field] not in known:
            raise Invalid(_("Choose one of the list."), field=field)


def _ordered_languages(chosen: Sequence[str], known: Sequence[str], *, default: Sequence[str]) -> list[str]:
    """Return the chosen languages, the present default first as long as it is still among them."""
    wanted = [code for code in known if code in chosen]
    if not wanted:
        raise Invalid(_("Choose at least one language."), field="language_codes")
    return sorted(wanted, key=lambda code: code not in default)
