"""Settings: the page that leads to all of them, and Account Information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.settings import services
from app.settings.branding import SURFACES, Theme, theme_of
from app.settings.forms import AccountForm
from app.settings.logo import LARGEST_BYTES, Logo, read_logo
from app.shell.links import portal_urls
from app.shell.navigation import NavItem, visible_items
from app.shell.pages import PageView, submit

#: The cards of the landing page: navigation groups of the Settings area, in order.
CARD_GROUPS: tuple[tuple[str, object], ...] = (
    ("account", _l("Account")),
    ("storefront", _l("Customer Storefront")),
    ("billing", _l("Billing")),
    ("cost", _l("Cost Management")),
)

#: What each setting is for, by the key of its navigation entry.
CARD_TEXTS: dict[str, object] = {
    "settings.account": _l(
        "Name, nickname, logo and colour, the portal's address, currency, time zone and languages."
    ),
    "settings.approvals": _l("What customers ask for and you decide: sign-ups, accounts, providers."),
    "settings.users": _l("Who works in this console, and in which role."),
    "settings.passwords": _l("Length, age and locks of passwords, and who needs a second factor to log in."),
    "settings.email_templates": _l("Which mails are sent, from whom, to whom, and in which words."),
    "settings.mails": _l("What was mailed, what waits and what failed."),
    "settings.terms": _l("What customers accept before they are served, version by version, and who did."),
    "settings.signup": _l("Whether new customers may sign up, what they fill in, and from which domains."),
    "settings.portal": _l("What your customers see and may do in the portal."),
    "settings.custom_fields": _l(
        "What you want to know of customers and cloud accounts beyond the standard."
    ),
    "settings.charges": _l("Support plans and other charges or discounts that you give to customers."),
    "settings.invoices": _l(
        "When statements are to be paid, how they are numbered, what they show and what they bill."
    ),
    "settings.taxes": _l("The tax rates that your customers pay."),
    "settings.exchange_rates": _l(
        "At which rate a month's bill becomes the currency that a customer pays in."
    ),
    "settings.budgets": _l("How much may be spent, and who is told when it is used up."),
    "settings.pricebooks": _l("Copies of the providers' masters with your discount or uplift."),
}


class SettingsView(PageView):
    """One card for each setting that the person may open."""

    route_base = "/settings"
    class_permission_name = "Settings"

    @expose("/")
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        items = visible_items("settings")
        groups = [(label, [_card(one) for one in items if one.group == key]) for key, label in CARD_GROUPS]
        return self.render_template(
            "settings/index.html", title=_("Settings"), groups=[pair for pair in groups if pair[1]]
        )


def _card(item: NavItem) -> dict[str, Any]:
    return {
        "label": item.label,
        "icon": item.icon,
        "url": url_for(item.endpoint),
        "text": CARD_TEXTS.get(item.key, ""),
    }


class AccountInformationView(PageView):
    """What the reseller says about itself."""

    route_base = "/settings/account"
    class_permission_name = "AccountInformation"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def show(self) -> Any:
        reseller = services.load_reseller()
        form = AccountForm(obj=reseller if request.method == "GET" else None)
        languages = current_app.config["LANGUAGES"]
        form.language_codes.choices = [(code, item["name"]) for code, item in languages.items()]
        saved, status = submit(form, lambda: self._save(form), record=services.load_reseller)
        if saved is not None:
            flash(_("Account Information was saved."), "success")
            return redirect(url_for("AccountInformationView.show"))
        reseller = services.load_reseller()
        page = self.render_template(
            "settings/account.html",
            title=_("Account Information"),
            form=form,
            reseller=reseller,
            portal_urls=portal_urls(reseller),
            themes=_themes(reseller.brand_color),
            logo_url=url_for("AccountInformationView.logo", v=reseller.version)
            if reseller.logo_type
            else None,
        )
        return page, status

    @staticmethod
    def _save(form: AccountForm) -> Any:
        return services.save_account(
            form.values(),
            languages=form.language_codes.data or [],
            known_languages=list(current_app.config["LANGUAGES"]),
            version=form.opened_version,
            logo=_uploaded_logo(form),
            remove_logo=form.remove_logo.data,
        )

    @expose("/logo")
    @has_access
    @permission_name("show")
    def logo(self) -> Response:
        reseller = services.load_reseller()
        if not reseller.logo_type or reseller.logo is None:
            abort(404)
        return Response(
            reseller.logo,
            mimetype=reseller.logo_type,
            headers={"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"},
        )


@dataclass(frozen=True, slots=True)
class Look:
    """A reseller's colour in one theme, with what had to be changed about it."""

    label: str
    surface: str
    theme: Theme
    note: str


def _themes(brand_color: str) -> list[Look]:
    """Return how a colour is worn in both themes, none where there is no colour."""
    if not brand_color:
        return []
    light, dark = theme_of(brand_color, "light"), theme_of(brand_color, "dark")
    return [
        Look(
            _("In the light theme"),
            SURFACES["light"],
            light,
            ""
            if light.is_as_chosen
            else _(
                "In the light theme %(chosen)s can hardly be seen: the darker %(worn)s takes its place there.",
                chosen=brand_color,
                worn=light.brand,
            ),
        ),
        Look(
            _("In the dark theme"),
            SURFACES["dark"],
            dark,
            ""
            if dark.is_as_chosen
            else _(
                "In the dark theme %(chosen)s can hardly be seen: the lighter %(worn)s takes its place there.",
                chosen=brand_color,
                worn=dark.brand,
            ),
        ),
    ]


def _uploaded_logo(form: AccountForm) -> Logo | None:
    file = form.logo.data
    if not file:
        return None
    with file.stream as stream:
        content: bytes = stream.read(LARGEST_BYTES + 1)
    return read_logo(content) if content else None
