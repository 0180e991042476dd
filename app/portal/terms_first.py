"""Terms in force are accepted before anything else, by everybody whose reseller requires it.

A person who has not accepted them gets no further than reading and accepting them. Signing out, the language, and what
comes before (a temporary password) stay open.
"""

from __future__ import annotations

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.errors import NotAllowed
from app.portal.access import portal_settings, portal_terms
from app.tenancy.scope import ScopeKind, current_scope
from app.terms.queries import has_acceptance

_READS = frozenset({"GET", "HEAD"})
_BOTH = _READS | {"POST"}

#: What stays open.
_OPEN = {
    "PortalTermsView.show": _BOTH,
    "SignInView.logout": frozenset({"POST"}),
    "LanguageView.choose": frozenset({"POST"}),
}
#: What visitors may open too, what a page fetches, and what comes before: a password and a second factor.
_OPEN_VIEWS = frozenset(
    {
        "BrandView",
        "PortalSignInView",
        "PortalPasswordView",
        "OwnPasswordView",
        "SecondFactorView",
        "static",
        "appbuilder",
    }
)
_FILES = frozenset({"PortalView.logo", "ProviderLogoView.logo", "PortalProviderLogoView.logo"})


def terms_first() -> Response | None:
    """Lead a customer's person to the terms that are not accepted yet; refuse what is not a page."""
    endpoint = request.endpoint or "static"  # an address that is nowhere is answered as such
    if endpoint.partition(".")[0] in _OPEN_VIEWS or endpoint in _FILES or endpoint.endswith(".static"):
        return None
    if request.method in _OPEN.get(endpoint, ()) or not has_to_accept():
        return None
    if request.method in _READS:
        return redirect(url_for("PortalTermsView.show", next=request.full_path.rstrip("?")))
    raise NotAllowed(_("There is a new version of the terms. Read and accept it first."))


def has_to_accept() -> bool:
    """Has the signed-in person terms to accept before anything else?"""
    if current_scope().kind is not ScopeKind.CUSTOMER or not current_user.is_authenticated:
        return False
    if current_user.has_temporary_password:  # replaced first
        return False
    terms = portal_terms() if portal_settings().requires_terms else None
    return terms is not None and not has_acceptance(current_user.id, terms)
