"""What is filled in to ask for something: one form per kind of request, for the console and for the portal.

A form is for one provider, so that it asks what this provider needs and marks it as required. What was entered goes
into the request as text (``details``); ``labels.labels_of`` says it again in the reader's language.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.approvals.effects import MAKES_ACCOUNT
from app.approvals.models import ApprovalRequest
from app.approvals.requests import NEEDS_NAME, NEEDS_ROOT_EMAIL
from app.approvals.services import LONGEST_REASON
from app.providers.models import Provider
from app.shell.fields import BaseForm, ChoiceField, EmailField, LongText, Text, require

LONGEST_REMARK = 1000


class AskingForm(BaseForm):
    """A form that asks for something."""

    def details(self) -> dict[str, str]:
        """Return what was entered, by field name; fields that were left empty are not there."""
        return {
            name: str(field.data)
            for name, field in self._fields.items()
            if name != "csrf_token" and field.data not in (None, "")
        }


class ProvisionForm(AskingForm):
    """Ask for a new account at a provider (article, step 8; domain, 9.2 to 9.4). Made by ``provision_form``."""

    name = Text(
        _l("Friendly name"), longest=120, description=_l("What you call it, for example customer-production.")
    )
    root_email = EmailField(
        _l("Root email"),
        description=_l("The new account's owner. It must never have been used for an AWS account."),
        render_kw={"autocomplete": "off"},
    )
    support_type = ChoiceField(_l("Support type at the provider"), choices=[])
    remark = LongText(
        _l("Remark"), longest=LONGEST_REMARK, description=_l("What whoever sets it up should know.")
    )


class LinkForm(AskingForm):
    """Ask for an account that exists at the provider to be linked. Made by ``link_form``."""

    account_id = Text(
        _l("Account ID"), required=True, longest=200, sentence=_l("Enter the account's id at the provider.")
    )
    name = Text(
        _l("Friendly name"), longest=120, description=_l("What you call it, for example customer-production.")
    )
    root_email = EmailField(
        _l("Root email"),
        description=_l("AWS invites this address to join; the invitation is open for two weeks."),
        render_kw={"autocomplete": "off"},
    )
    support_type = ChoiceField(_l("Support type at the provider"), choices=[])
    remark = LongText(
        _l("Remark"), longest=LONGEST_REMARK, description=_l("What whoever links it should know.")
    )


class DeleteForm(AskingForm):
    """Ask for an account to be removed."""

    reason = LongText(
        _l("Reason"),
        required=True,
        longest=LONGEST_REASON,
        sentence=_l("Say why."),
        description=_l("Why it is no longer needed, and until when."),
    )


class EnablementForm(AskingForm):
    """Ask for a provider that the customer may not buy yet."""

    remark = LongText(
        _l("Remark"), longest=LONGEST_REMARK, description=_l("What you want to use it for, and from when.")
    )


class ReasonForm(BaseForm):
    """Say no, with a reason that is mailed."""

    reason = LongText(
        _l("Reason"), required=True, longest=LONGEST_REASON, sentence=_l("Say why: the reason is mailed.")
    )


class CompletionForm(BaseForm):
    """Note that the provider's side is done. Made by ``completion_form``; only accounts have anything to enter."""

    account_id = Text(
        _l("Account ID"), required=True, longest=200, sentence=_l("Enter the account's id at the provider.")
    )
    name = Text(_l("Friendly name"), longest=120)
    support_type = ChoiceField(_l("Support type at the provider"), choices=[])

    def values(self) -> dict[str, str]:
        """Return what Ops entered; nothing for kinds that make no account."""
        return {name: field.data or "" for name, field in self._fields.items() if name != "csrf_token"}


def provision_form(provider: Provider, **kwargs: Any) -> ProvisionForm:
    """Return the form for a new account at ``provider``: with the fields that it needs, the needed ones required."""
    form = ProvisionForm(**kwargs)
    _fit(form, provider)
    if provider.code in NEEDS_NAME:
        require(form.name, _l("Enter a name: the account is made under it."))
    if provider.code in NEEDS_ROOT_EMAIL:
        require(form.root_email, _l("Enter an email address in the form name@example.com."))
    return form


def link_form(provider: Provider, **kwargs: Any) -> LinkForm:
    """Return the form for an account that exists at ``provider``."""
    form = LinkForm(**kwargs)
    _fit(form, provider)
    name_account_id(form, provider)
    return form


def completion_form(request: ApprovalRequest, **kwargs: Any) -> CompletionForm:
    """Return the form with which Ops completes a request, filled with what was asked for."""
    asked = {name: request.details.get(name, "") for name in ("account_id", "name", "support_type")}
    form = CompletionForm(data=asked, **kwargs)
    provider = request.provider
    if request.type not in MAKES_ACCOUNT or provider is None:
        del form.account_id, form.name, form.support_type
        return form
    name_account_id(form, provider)
    if provider.support_types:
        form.support_type.choices = support_choices(provider)
    else:
        del form.support_type
    return form


def name_account_id(form: Any, provider: Provider) -> None:
    """Call the account's id what the provider calls it, and show how one looks."""
    form.account_id.label.text = provider.account_words
    if provider.account_example:
        form.account_id.description = _l("For example %(example)s", example=provider.account_example)


def _fit(form: Any, provider: Provider) -> None:
    if provider.code not in NEEDS_ROOT_EMAIL:
        del form.root_email
    if provider.support_types:
        form.support_type.choices = support_choices(provider)
    else:
        del form.support_type


def support_choices(provider: Provider) -> list[tuple[str, object]]:
    """Return the provider's support types, with an empty entry first."""
    return [("", _l("Not known")), *((name, name) for name in provider.support_types)]
