"""What happens to terms: drafted, published, accepted. A published version never changes again."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.audit.log import because
from app.errors import EditConflict, Invalid, WrongState
from app.extensions import db
from app.kernel.rich_text import LONG_TAGS, rich_text
from app.security.models import User
from app.tenancy.models import Reseller
from app.tenancy.scope import current_scope
from app.terms.models import TermsAcceptance, TermsVersion
from app.terms.queries import current_terms, has_acceptance, the_draft

LONGEST_TEXT = 200_000


def _hold_reseller() -> None:
    """Lock the reseller's row until the commit: of two who draft or publish at once the second sees the first."""
    query = (
        select(Reseller.id).where(Reseller.id == current_scope().reseller_id).with_for_update(key_share=True)
    )
    db.session.scalars(query).one()


def save_draft(texts: Mapping[str, str], *, version: int, now: datetime.datetime) -> TermsVersion:
    """Store the draft, language -> text; the first save makes it.

    ``version`` is that of the form, 0 for a draft that was not there. Raises ``EditConflict`` when somebody else saved,
    published or discarded it meanwhile.
    """
    _hold_reseller()
    clean = {code: html for code, text in texts.items() if (html := rich_text(text, tags=LONG_TAGS))}
    draft = the_draft()
    if (draft.version if draft else 0) != version:
        raise EditConflict
    if draft is None:
        draft = TermsVersion(texts=clean, created_at=now, updated_at=now)
        db.session.add(draft)
    elif draft.texts != clean:
        draft.texts, draft.updated_at = clean, now
    db.session.flush()
    return draft


def publish(draft: TermsVersion, *, default_language: str, now: datetime.datetime) -> TermsVersion:
    """Make the draft the version in force, under the next number. It needs a text in ``default_language``."""
    _hold_reseller()
    if not draft.is_draft:
        raise WrongState(_("This version is published already."))
    if not draft.texts.get(default_language):
        raise Invalid(
            _("Enter the text in the language that is your first: it stands in for the others."),
            field=f"text_{default_language}",
        )
    last = db.session.scalar(select(func.max(TermsVersion.number))) or 0
    with because("published"):
        draft.number, draft.published_at = last + 1, now
        draft.published_by = current_scope().actor.name[:130]
    return draft


def discard_draft() -> None:
    """Delete the draft. What is in force stays in force."""
    _hold_reseller()
    draft = the_draft()
    if draft is None:
        raise WrongState(_("There is no draft any more."))
    db.session.delete(draft)
    db.session.flush()


def has_accepted(user: Any) -> bool:
    """Has this person accepted the terms in force? True where none are published."""
    terms = current_terms()
    return terms is None or has_acceptance(user.id, terms)


def accept(
    user: Any, terms: TermsVersion, *, organization: str, address: str, now: datetime.datetime
) -> TermsAcceptance | None:
    """Note that ``user`` accepted ``terms``, which have to be those in force; None where that is noted already.

    ``organization`` is what the person's company is called, ``address`` the network address of the request.
    """
    current = current_terms()
    if current is None or current.id != terms.id:
        raise WrongState(_("There is a newer version of the terms. Read and accept that one."))
    db.session.scalars(select(User.id).where(User.id == user.id).with_for_update(of=User)).one()
    if has_acceptance(user.id, terms):
        return None
    acceptance = TermsAcceptance(
        customer_id=user.customer_id,
        terms=terms,
        terms_version_id=terms.id,
        user_id=user.id,
        person_name=user.name,
        person_email=user.email,
        organization=organization,
        address=address[:64],
        accepted_at=now,
    )
    with because("accepted"):
        db.session.add(acceptance)
    return acceptance
