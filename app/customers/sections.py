"""What this slice shows of a customer: its sections of the tree, two of the three readiness cells, and warnings."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select

from app.custom_fields.models import CustomFieldDefinition, FieldTarget
from app.customers import list_args, list_columns, queries
from app.customers.list_tabs import LIST_KEY
from app.customers.models import Customer, CustomerTaxRate, ProviderEnablement
from app.customers.registry import (
    THIS_CUSTOMER,
    Attention,
    Readiness,
    Section,
    add_attention,
    add_belongings,
    add_history,
    add_readiness,
    add_section,
)
from app.saved_views.registry import SavedList, add_list
from app.security.models import User
from app.shell.formats import integer_text
from app.taxes.models import TaxProfile

_PROVIDERS = select(func.count(ProviderEnablement.id)).where(
    ProviderEnablement.customer_id == THIS_CUSTOMER, ProviderEnablement.is_authorised.is_(True)
)
_USERS = select(func.count(User.id)).where(User.customer_id == THIS_CUSTOMER)
_FIELDS = select(func.count(CustomFieldDefinition.id)).where(
    CustomFieldDefinition.target == FieldTarget.CUSTOMER, CustomFieldDefinition.is_retired.is_(False)
)
_TAXES = select(func.count(CustomerTaxRate.id)).where(CustomerTaxRate.customer_id == THIS_CUSTOMER)
_SIGNED_IN = select(User.id).where(User.customer_id == THIS_CUSTOMER, User.login_count > 0).limit(1)


def _authorised(customer: Customer) -> list[ProviderEnablement]:
    return [one for one in customer.enablements if one.is_authorised]


def providers_decided(customer: Customer) -> Readiness:
    """First decision of the article: which providers may the customer buy?"""
    names = [one.provider.name for one in _authorised(customer)]
    if not names:
        return Readiness(
            "warning",
            _("No provider authorised"),
            _("This customer can buy nothing yet, and no usage can be billed."),
            _("Authorise a provider"),
            "CustomerProvidersView.show",
        )
    return Readiness("success", _("Providers authorised"), ", ".join(names))


def pricebooks_decided(customer: Customer) -> Readiness:
    """Second decision: at which pricebook?"""
    authorised = _authorised(customer)
    if not authorised:
        return Readiness("info", _("No pricebook yet"), _("It is chosen together with the provider."))
    on_master = [one.provider.name for one in authorised if one.pricebook_id is None]
    if on_master:
        return Readiness(
            "warning",
            _("Billed at list price"),
            _(
                "%(providers)s: the master holds, so your margin is only what the provider grants you.",
                providers=", ".join(on_master),
            ),
            _("Choose a pricebook"),
            "CustomerProvidersView.show",
        )
    books = sorted({str(one.pricebook) for one in authorised})
    return Readiness("success", _("Pricebooks set"), ", ".join(books))


def announce() -> None:
    """Announce all of it."""
    for section in (
        Section(
            "information",
            _l("Customer Information"),
            "id-card",
            "CustomerInformationView.show",
            ("show", "Customers"),
            10,
            records=("customer",),
        ),
        Section(
            "users",
            _l("Users"),
            "users",
            "CustomerUsersView.show",
            ("list", "CustomerUsers"),
            20,
            count=_USERS.scalar_subquery(),
            records=("user",),
        ),
        Section(
            "timeline",
            _l("Timeline"),
            "clock-rotate-left",
            "CustomerTimelineView.show",
            ("show", "CustomerTimeline"),
            100,
        ),
        Section(
            "custom_fields",
            _l("Custom Fields"),
            "tags",
            "CustomerFieldsView.show",
            ("show", "CustomerFields"),
            30,
            count=_FIELDS.scalar_subquery(),
        ),
        Section(
            "providers",
            _l("Cloud Providers"),
            "cloud",
            "CustomerProvidersView.show",
            ("list", "CustomerProviders"),
            40,
            in_billing_folder=True,
            count=_PROVIDERS.scalar_subquery(),
            records=("customer_provider",),
        ),
        Section(
            "tax",
            _l("Tax"),
            "landmark",
            "CustomerTaxView.show",
            ("show", "CustomerTax"),
            70,
            in_billing_folder=True,
            count=_TAXES.scalar_subquery(),
            records=("customer_tax_rate", "tax_profile"),
        ),
    ):
        add_section(section)
    list_columns.announce()
    add_list(
        SavedList(
            LIST_KEY,
            _l("Customers"),
            "CustomerModelView.list",
            ("list", "Customers"),
            list_args.written_arguments,
            list_args.can_show,
        )
    )
    add_history("signed_in", _SIGNED_IN.scalar_subquery())
    add_belongings(ProviderEnablement)
    add_belongings(CustomerTaxRate)
    add_belongings(TaxProfile)
    add_readiness("providers", 10, providers_decided)
    add_readiness("pricebooks", 20, pricebooks_decided)
    add_attention(
        Attention(
            "no_provider",
            "warning",
            "cloud",
            queries.customers_without_provider,
            lambda n: ngettext(
                "%(count)s customer has no authorised provider",
                "%(count)s customers have no authorised provider",
                n,
                count=integer_text(n),
            ),
            _l("They can buy nothing, and no usage of theirs can be billed."),
            _l("Authorise providers"),
        )
    )
    add_attention(
        Attention(
            "on_master",
            "info",
            "book-open",
            queries.customers_on_master,
            lambda n: ngettext(
                "%(count)s customer has no pricebook",
                "%(count)s customers have no pricebook",
                n,
                count=integer_text(n),
            ),
            _l("The provider's master, its list price, holds for them."),
            _l("Choose pricebooks"),
        )
    )
