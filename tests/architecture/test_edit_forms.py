"""Every form of a record that somebody else can save meanwhile knows in which state it was opened."""

from __future__ import annotations

import importlib
import pkgutil

import app
from app.shell.fields import BaseForm, OpenedForm

#: Forms that need not know it, each with the reason.
WITHOUT = {
    "app.approvals.forms.AskingForm": "adds",
    "app.approvals.forms.ProvisionForm": "adds",
    "app.approvals.forms.LinkForm": "adds",
    "app.approvals.forms.DeleteForm": "adds",
    "app.approvals.forms.EnablementForm": "adds",
    "app.approvals.forms.ReasonForm": "decides: whoever comes second is refused and told who was first",
    "app.approvals.forms.CompletionForm": "decides, as above",
    "app.charges.assignment_forms.AssignForm": "adds",
    "app.charges.assignment_forms.DefaultForm": "adds",
    "app.cloud_accounts.forms.LinkAccountForm": "adds",
    "app.cloud_accounts.forms.AssignForm": "decides: whoever comes second is refused and told whose the account is",
    "app.credits.forms.CreditForm": "adds",
    "app.credits.forms.ReversalForm": "adds an entry, of no more than what is left at that moment",
    "app.customers.import_views.UploadForm": "adds",
    "app.usage.forms.OrderForm": "adds",
    "app.usage.forms.UploadForm": "adds",
    "app.customers.user_forms.AnonymiseForm": "takes away whatever is there, and asks for the address",
    "app.customers.user_forms.NewUserForm": "adds",
    "app.pricebooks.forms.DuplicateForm": "adds",
    "app.pricebooks.page_views.TesterForm": "changes nothing",
    "app.pricebooks.what_if_views.DetailsForm": "changes nothing",
    "app.statements.what_if_views.PercentForm": "changes nothing",
    "app.settings.forms.NewUserForm": "adds",
    "app.portal.forms.InviteForm": "adds",
    "app.portal.signup.forms.SignupForm": "adds",
    "app.portal.signup.forms.ProofForm": "changes no record: the link works once",
    "app.portal.signup.forms.ProofWithPasswordForm": "changes no record: the link works once",
    "app.portal.signup.forms.SendAgainForm": "changes no record: it asks for a mail",
    "app.portal.terms_views.AcceptForm": "adds, and knows which version was read",
    "app.platform_admin.forms.EnterForm": "changes no record: the reason goes to the change log",
    "app.security.forms.InvitationForm": "sets a password that nobody else sees; the link works once",
    "app.security.forms.ForgottenForm": "changes no record: it asks for a mail",
    "app.security.forms.ResetForm": "sets a password that nobody else sees; the link works once",
    "app.security.forms.PasswordForm": "asks for the password in force",
    "app.settings.forms.SetPasswordForm": "sets a password anew, whatever it was",
    "app.security.forms.ConfirmForm": "asks for the password in force",
    "app.security.forms.FirstCodeForm": "the first code of an app",
    "app.security.forms.SwitchOffForm": "asks for the password in force and a code",
    "app.security.forms.CodeForm": "logs in",
    "app.security.forms.RecoveryForm": "logs in",
    "app.security.forms.ProfileForm": "a person's own name and language",
    "app.statements.forms.AmountForm": "adds a draft, charge or credit, of no more than is open",
    "app.statements.forms.PaidForm": "decides: whoever comes second is refused and told",
    "app.statements.forms.VoidForm": "decides: whoever comes second is refused and told",
    "app.saved_views.forms.ViewForm": "the name of a person's own view",
}


def _all_forms(base: type) -> set[type]:
    return {base}.union(*(_all_forms(one) for one in base.__subclasses__()))


def test_every_form_knows_when_it_was_opened_or_says_why_not() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)

    without = {
        f"{one.__module__}.{one.__qualname__}"
        for one in _all_forms(BaseForm)
        if not issubclass(one, OpenedForm) and not one.__name__.startswith("_") and one is not BaseForm
    }

    assert without == set(WITHOUT)
