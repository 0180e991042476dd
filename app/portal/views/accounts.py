"""The cloud accounts of the company."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.cloud_accounts.models import CloudAccountStatus
from app.kernel.clock import utc_now
from app.kernel.pagination import list_page
from app.portal.access import check_open, latest_requests, may_ask_for_one_of, openings
from app.portal.queries.accounts import own_accounts
from app.portal.queries.providers import providers_to_ask_for
from app.portal.storefront import PREFIX
from app.portal.views.base import CustomerPage

#: How many requests stand above the accounts.
MOST_RECENT = 8


class PortalAccountsView(CustomerPage):
    """Cloud accounts: those that are linked, and what is asked for."""

    route_base = f"{PREFIX}/accounts"
    class_permission_name = "PortalAccounts"

    @expose("/")
    @has_access
    @permission_name("list")
    def show(self) -> Any:
        opened = openings()
        check_open(opened.accounts)
        provider = request.args.get("provider", "")
        text = " ".join(request.args.get("q", "")[:200].split())
        is_archived = request.args.get("status") == CloudAccountStatus.ARCHIVED.value
        status = CloudAccountStatus.ARCHIVED if is_archived else CloudAccountStatus.ACTIVE
        shown = [one for one in opened.with_accounts if provider in ("", one.code)]
        with_accounts, new = providers_to_ask_for(opened.authorised) if opened.may_request else ([], [])
        return self.page(
            "portal/accounts.html",
            _("Cloud accounts"),
            accounts=own_accounts(shown, list_page(request.args), text=text, status=status),
            requests=latest_requests(MOST_RECENT),
            text=text,
            provider=provider,
            is_archived=is_archived,
            is_filtered=bool(text or provider or is_archived),
            may_ask=bool(with_accounts),
            may_ask_for_provider=may_ask_for_one_of(new),
            may_remove=[one.code for one in opened.authorised if opened.may_request and one.takes_requests],
            now=utc_now(),
        )
