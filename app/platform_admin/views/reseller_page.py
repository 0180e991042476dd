"""The page of one reseller, as the platform sees it."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from app.audit.words import timeline_entries
from app.kernel.clock import utc_now
from app.platform_admin.forms import EnterForm
from app.platform_admin.queries import recent_support, waiting_owners
from app.providers.forms import grants_form
from app.providers.queries import provider_offers
from app.shell import fresh_links
from app.shell.links import portal_urls
from app.tenancy.models import Reseller


def render_reseller(
    view: Any, reseller: Reseller, *, enter_form: EnterForm | None = None, grants: Any = None
) -> str:
    """Return the page: details, providers it may resell, entering its console, Owners who have not come yet."""
    owners = waiting_owners(reseller)
    link = fresh_links.take(fresh_links.PLATFORM, *(one.id for one in owners))
    names = current_app.config["LANGUAGES"]
    now = utc_now()
    page: str = view.render_template(
        "platform_admin/reseller.html",
        title=reseller.name,
        crumbs=[(_("Resellers"), url_for("ResellerModelView.list")), (reseller.name, None)],
        reseller=reseller,
        languages=[names[code]["name"] for code in reseller.language_codes if code in names],
        owners=[
            {
                "id": one.id,
                "name": one.name,
                "email": one.email,
                "expires_at": one.invitation_expires_at,
                "is_expired": one.invitation_expires_at is None or one.invitation_expires_at <= now,
            }
            for one in owners
        ],
        invited=next((one for one in owners if link and one.id == link.id), None),
        link=link.url if link else None,
        enter_form=enter_form or EnterForm(formdata=None),
        grants=grants or grants_form(provider_offers(reseller.id), is_new=True),
        portal_urls=portal_urls(reseller),
        recent=timeline_entries(recent_support(reseller, limit=6)),
        form=enter_form or grants,
    )
    return page
