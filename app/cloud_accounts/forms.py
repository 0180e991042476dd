"""Forms of cloud accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.shell.fields import BaseForm, ChoiceField, Text, VersionedForm


class LinkAccountForm(BaseForm):
    """Link an account that exists at the provider."""

    provider_id = ChoiceField(_l("Cloud provider"), required=True, choices=[])
    account_id = Text(
        _l("Account ID"), required=True, longest=200, sentence=_l("Enter the account's id at the provider.")
    )
    name = Text(
        _l("Friendly name"), longest=120, description=_l("What you call it, for example customer-production.")
    )
    support_type = ChoiceField(_l("Support type at the provider"), choices=[])


class AccountForm(VersionedForm):
    """Change an account's name and support type."""

    name = Text(_l("Friendly name"), longest=120)
    support_type = ChoiceField(_l("Support type at the provider"), choices=[])
