"""Forms of cloud accounts: what is known of one, whose it is, and several at once to one customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import wtforms
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Optional

from app.cloud_accounts.columns import TYPE_WORDS
from app.cloud_accounts.models import AccountPeriod, AccountType, CloudAccount
from app.cloud_accounts.services import months_of
from app.custom_fields.form_fields import audit_names, fill_form, form_fields, stored_values
from app.custom_fields.models import CustomFieldDefinition
from app.customers.models import Customer
from app.customers.queries import usable_pricebooks
from app.months.fields import CountsFromField
from app.providers.models import Provider
from app.shell.fields import BaseForm, ChoiceField, EmailField, LongText, Text, VersionedForm, require
from app.shell.formats import offered_name


class Details:
    """What people say of an account, when it is linked and later."""

    name = Text(
        _l("Friendly name"), longest=120, description=_l("What you call it, for example customer-production.")
    )
    account_type = ChoiceField(_l("Account type"), choices=list(TYPE_WORDS.items()), default="resale")
    support_type = ChoiceField(_l("Support type at the provider"), choices=[])
    pricebook_id = ChoiceField(
        _l("Own pricebook"),
        choices=[],
        description=_l(
            "For this account alone. Without one, the customer's pricebook for the provider holds."
        ),
    )
    billing_starts_on = wtforms.DateField(
        _l("Billing starts on"),
        validators=[Optional()],
        description=_l("Usage of earlier days is not billed. Empty: all of it is."),
    )
    root_email = EmailField(_l("Root email"), render_kw={"autocomplete": "off"})
    cost_centre = Text(_l("Cost centre"), longest=100)


class LinkAccountForm(Details, BaseForm):
    """Link an account that exists; ``link_form`` adds the reseller's own fields."""

    provider_id = ChoiceField(
        _l("Cloud provider"), required=True, choices=[], sentence=_l("Choose a provider.")
    )
    account_id = Text(
        _l("Account ID"),
        required=True,
        longest=200,
        sentence=_l("Enter the account's id at the provider."),
        render_kw={"autocomplete": "off", "list": "unassigned-accounts"},
    )


class AccountForm(Details, VersionedForm):
    """What is known of an account; ``account_form`` adds the reseller's own fields."""

    role_arn = Text(
        _l("Role ARN"),
        longest=600,
        description=_l("The read-only role that lets us look into the account. It can be added later."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    counts_from = CountsFromField(_l("The pricebook counts from"))


def link_form(providers: Sequence[Provider], fields: Sequence[CustomFieldDefinition]) -> Any:
    """Return the form that links an account that exists at one of the providers."""
    form: Any = type("_LinkAccountForm", (LinkAccountForm,), form_fields(fields))()
    form.provider_id.choices = [("", ""), *((str(one.id), one.name) for one in providers)]
    form.support_type.choices = support_choices(providers)
    form.pricebook_id.choices = [("", _("The customer's"))] + [
        (str(book.id), f"{one.name}: {book.name}")
        for one in providers
        for book in usable_pricebooks(one, current=None)
    ]
    if request.method == "GET" and len(providers) == 1:
        form.provider_id.data = str(providers[0].id)
    return form


def account_form(
    account: CloudAccount,
    customer: Customer,
    period: AccountPeriod | None,
    fields: Sequence[CustomFieldDefinition],
) -> Any:
    """Return the form of one account, filled when it is opened."""
    is_opened = request.method == "GET"
    parts = form_fields(fields) | {"audit_fields": audit_names(fields)}
    form: Any = type("AccountForm", (AccountForm,), parts)(obj=account if is_opened else None)
    form.support_type.choices = support_choices([account.provider])
    current = period.pricebook_id if period else None
    form.pricebook_id.choices = [("", _the_customers(customer, account.provider))] + [
        (str(book.id), offered_name(book.name, is_retired=book.is_retired))
        for book in usable_pricebooks(account.provider, current=current)
    ]
    form.counts_from.offer(months_of(period) if period else [], given=period.counts_from if period else None)
    if is_opened:
        form.account_type.data = account.account_type.value
        form.pricebook_id.data = str(current or "")
        form.billing_starts_on.data = period.billing_starts_on if period else None
        fill_form(form, fields, account.custom_values)
    return form


def support_choices(providers: Sequence[Provider]) -> list[tuple[str, str]]:
    """Return the support types of these providers."""
    names = dict.fromkeys(name for provider in providers for name in provider.support_types)
    return [("", _("Not known")), *((name, name) for name in names)]


def entered_values(form: Any, fields: Sequence[CustomFieldDefinition]) -> dict[str, Any]:
    """Return what was entered, as the services take it."""
    values = {
        name: form[name].data
        for name in ("name", "root_email", "cost_centre", "role_arn", "billing_starts_on")
        if name in form
    }
    values["root_email"] = values["root_email"] or ""
    values["support_type"] = form.support_type.data or ""
    values["account_type"] = AccountType(form.account_type.data or AccountType.RESALE)
    values["pricebook_id"] = int(form.pricebook_id.data) if form.pricebook_id.data else None
    values["custom_values"] = stored_values(form, fields)
    return values


def _the_customers(customer: Customer, provider: Provider) -> str:
    """Return what holds without a book of the account's own."""
    for one in customer.enablements:
        if one.provider_id == provider.id and one.pricebook is not None:
            return _("The customer's: %(book)s", book=one.pricebook.name)
    return _("The customer's: %(provider)s Master (list price)", provider=provider.name)


BEGINNING, DAY = "beginning", "day"


class Since:
    """From when on an account is a customer's."""

    customer = Text(
        _l("Customer"),
        longest=250,
        description=_l("Account number or organization, such as C-1001."),
        render_kw={"autocomplete": "off", "list": "customers"},
    )
    since = wtforms.RadioField(
        _l("From when"), choices=[], validators=[InputRequired(_l("Choose one of the list."))]
    )
    from_day = wtforms.DateField(_l("First day"), validators=[Optional()])

    def open_dates(self) -> None:
        """Offer both ways to say from when."""
        form: Any = self
        form.since.choices = _choices()
        form.from_day.flags.depends = True  # on from when

    @property
    def first_day(self) -> Any:
        """The first day; None: from the beginning."""
        form: Any = self
        return form.from_day.data if form.since.data == DAY else None


def _choices() -> list[tuple[str, str]]:
    return [
        (BEGINNING, _("From the beginning: all its usage")),
        (DAY, _("From a day on: usage of earlier days stays as it is")),
    ]


class AssignForm(Since, BaseForm):
    """Give accounts that are nobody's to a customer."""

    reason = LongText(_l("Reason"), longest=500, render_kw={"rows": 2})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_dates()
        require(self.customer, _l("Enter a customer's number or name."))
        if request.method == "GET":
            self.since.data = BEGINNING  # type: ignore[attr-defined]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        return _is_complete(self, super().validate(*args, **kwargs), needs_customer=False)


class MoveForm(Since, VersionedForm):
    """Give an account to another customer, or to nobody."""

    to = wtforms.RadioField(
        _l("Where to"), choices=[], validators=[InputRequired(_l("Choose one of the list."))]
    )
    reason = LongText(
        _l("Reason"),
        required=True,
        longest=500,
        sentence=_l("Say why: both customers' timelines keep it."),
        render_kw={"rows": 2},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_dates()
        self.customer.flags.depends = True  # on where to
        self.to.choices = [
            ("customer", _("To another customer")),
            ("nobody", _("To nobody: it is unassigned again")),
        ]
        if request.method == "GET":
            self.since.data, self.to.data = DAY, "customer"  # type: ignore[attr-defined]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        needs_customer = self.to.data == "customer"
        return _is_complete(self, super().validate(*args, **kwargs), needs_customer=needs_customer)


def _is_complete(form: Any, is_valid: bool, *, needs_customer: bool) -> bool:
    """Ask for what a choice made necessary; beside the fields, together with all else that is wrong."""
    if needs_customer and not form.customer.data:
        form.customer.errors = [_("Enter a customer's number or name.")]
        is_valid = False
    if form.since.data == DAY and form.from_day.data is None and not form.from_day.errors:
        form.from_day.errors = [_("Enter a date.")]
        is_valid = False
    return is_valid
