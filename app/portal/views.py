"""The customer's own pages. Nothing here is shared with the console, so no cost or rule can slip through."""

from __future__ import annotations

from typing import Any

from flask import abort
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.cloud_accounts.models import CloudAccount, CloudAccountStatus
from app.customers.models import Customer
from app.extensions import db
from app.shell.context import current_reseller
from app.shell.pages import PageView
from app.tenancy.scope import current_scope


class PortalView(PageView):
    """The customer's start page: company, providers switched on for the portal, cloud accounts of those."""

    route_base = "/portal"
    class_permission_name = "Portal"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        customer: Customer | None = db.session.get(Customer, current_scope().customer_id)
        if customer is None:
            abort(404)
        enabled = [one for one in customer.enablements if one.is_authorised and one.in_portal]
        query = (
            select(CloudAccount)
            .where(
                CloudAccount.status == CloudAccountStatus.ACTIVE,
                CloudAccount.provider_id.in_([one.provider_id for one in enabled]),
            )
            .order_by(CloudAccount.provider_id, CloudAccount.name)
        )
        return self.render_template(
            "portal/home.html",
            title=_("Overview"),
            customer=customer,
            providers=[one.provider for one in enabled],
            accounts=db.session.scalars(query).all(),
            reseller=current_reseller(),
        )
