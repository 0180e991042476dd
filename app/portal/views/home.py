"""The customer's own pages. Nothing here is the console's: no cost or rule can slip through."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from app.kernel.clock import utc_now
from app.kernel.pagination import PageRequest
from app.kernel.places import country_name
from app.portal.access import (
    has_terms_before_accounts,
    latest_requests,
    may_ask_for_one_of,
    open_requests,
    openings,
)
from app.portal.public_views import visitors_see_the_front
from app.portal.queries.accounts import own_accounts
from app.portal.queries.company import own_company
from app.portal.queries.credits import open_credit_text
from app.portal.queries.providers import providers_to_ask_for
from app.portal.storefront import storefront
from app.portal.views.base import CustomerPage
from app.shell.formats import integer_text

#: How many accounts and requests the start page shows; their own pages show all.
MOST_ACCOUNTS, MOST_REQUESTS = 10, 6


class PortalView(CustomerPage):
    """The customer's start page: what waits, the company, its providers, its accounts."""

    class_permission_name = "Portal"

    @expose("/")
    @visitors_see_the_front
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        opened = openings()
        company = own_company()
        accounts = own_accounts(
            opened.with_accounts if opened.accounts else [], PageRequest(size=MOST_ACCOUNTS)
        )
        is_asked = opened.may_request or opened.purchasing
        with_accounts, new = providers_to_ask_for(opened.authorised) if is_asked else ([], [])
        may_ask = opened.may_request and bool(with_accounts)
        return self.page(
            "portal/home.html",
            _("Overview"),
            company=company,
            country=country_name(company.country, str(get_locale() or "en")),
            first_name=current_user.name.partition(" ")[0],
            providers=opened.authorised,
            takes_requests=[one.code for one in with_accounts],
            accounts=accounts,
            requests=latest_requests(MOST_REQUESTS) if opened.accounts else [],
            figures=_figures(accounts.total),
            may_ask=may_ask,
            has_terms=may_ask and has_terms_before_accounts(),
            new_providers=new if opened.purchasing else [],
            may_ask_for_provider=may_ask_for_one_of(new),
            now=utc_now(),
        )

    @expose("/logo")
    def logo(self) -> Any:
        """The logo of the portal's reseller: part of its public face."""
        reseller = storefront()
        if not reseller.logo:
            abort(404)
        response = Response(reseller.logo, mimetype=reseller.logo_type)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "private, max-age=300"
        response.add_etag()
        return response.make_conditional(request)


def _figures(accounts: int) -> list[dict[str, Any]]:
    """Return the strip's figures: only what is known today."""
    opened = openings()
    credit = open_credit_text() if opened.statements and opened.sees_statements else ""
    found = [
        {
            "label": _("Cloud accounts"),
            "value": integer_text(accounts),
            "url": url_for("PortalAccountsView.show"),
        },
        {
            "label": _("Open requests"),
            "value": integer_text(open_requests() or 0),
            "url": url_for("PortalRequestsView.list"),
        },
        {"label": _("Cloud providers"), "value": integer_text(len(opened.authorised))},
    ]
    if credit:
        url = url_for("PortalStatementsView.show")
        found.append(
            {"label": _("Your credit"), "value": credit, "note": _("For your next statements"), "url": url}
        )
    return found
