"""What a request says, in the reader's language: its kind, and what was entered, field by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.approvals.models import ADDRESS_PROVEN, ApprovalRequest, RequestStatus, RequestType
from app.extensions import db
from app.kernel.places import country_name
from app.providers.models import Provider

#: What each kind of request is called.
TYPE_WORDS: dict[RequestType, object] = {
    RequestType.SIGNUP: _l("Customer sign-up"),
    RequestType.ACCOUNT_PROVISION: _l("New cloud account"),
    RequestType.ACCOUNT_LINK: _l("Link cloud account"),
    RequestType.ACCOUNT_DELETE: _l("Remove cloud account"),
    RequestType.PROVIDER_ENABLEMENT: _l("New provider"),
}

#: What was entered, in the order in which it is read. What is not named here comes last, under its own name.
FIELD_LABELS: dict[str, object] = {
    "organization": _l("Organization"),
    "contact_name": _l("Contact name"),
    "contact_title": _l("Title"),
    "email": _l("Email"),
    "phone": _l("Phone"),
    "street": _l("Street"),
    "postal_code": _l("Postal code"),
    "city": _l("City"),
    "state": _l("State or region"),
    "country": _l("Country"),
    "language": _l("Language"),
    "providers": _l("Providers asked for"),
    "account_id": _l("Account ID"),
    "name": _l("Friendly name"),
    "root_email": _l("Root email"),
    "support_type": _l("Support type"),
    "reason": _l("Reason"),
    "message": _l("Message"),
    "remark": _l("Remark"),
    "terms": _l("Terms accepted"),
    "address": _l("Network address"),
}
_PROGRESS = {RequestStatus.PENDING: "requested", RequestStatus.FORWARDED: "with_ops"}
#: Notes of the product to itself: the checklist tells them.
_UNSAID = frozenset({"duplicate_of", ADDRESS_PROVEN})


def type_word(request: ApprovalRequest) -> str:
    """Return what the request's kind is called."""
    return str(TYPE_WORDS[request.type])


def progress_of(request: ApprovalRequest) -> str:
    """Return the state as those see it who asked, a word of ``shell.status``: who has it now, not what was decided."""
    return _PROGRESS.get(request.status, request.status.value)


def labels_of(request: ApprovalRequest) -> list[tuple[str, str]]:
    """Return everything that was entered as (label, value), in the reader's language."""
    details = {key: str(value) for key, value in request.details.items() if value and key not in _UNSAID}
    known = [key for key in FIELD_LABELS if key in details]
    return [
        (_label(request, key), _value(key, details[key]))
        for key in [*known, *(key for key in details if key not in FIELD_LABELS)]
    ]


def asked_providers(request: ApprovalRequest, known: Sequence[Provider]) -> list[Provider]:
    """Return the providers that a sign-up named, of those that are ``known``."""
    words = _words(str(request.details.get("providers", "")))
    return [one for one in known if one.code in words or one.name in words]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _label(request: ApprovalRequest, key: str) -> str:
    if key == "account_id" and request.provider is not None:
        return request.provider.account_words
    return str(FIELD_LABELS.get(key) or key.replace("_", " ").capitalize())


def _value(key: str, text: str) -> str:
    meaning = _MEANINGS.get(key)
    return meaning(text) if meaning else text


def _country(code: str) -> str:
    return country_name(code, str(get_locale() or "en"))


def _language(code: str) -> str:
    known = current_app.config["LANGUAGES"].get(code)
    return known["name"] if known else code


def _providers(text: str) -> str:
    """Codes become names; names that were noted as such stay."""
    words = _words(text)
    query = select(Provider).where(Provider.code.in_(words))
    names = {one.code: one.name for one in db.session.scalars(query)}
    return ", ".join(names.get(word, word) for word in words)


def _terms(number: str) -> str:
    return _("Version %(number)s", number=number)


_MEANINGS: dict[str, Callable[[str], str]] = {
    "terms": _terms,
    "country": _country,
    "language": _language,
    "providers": _providers,
}
