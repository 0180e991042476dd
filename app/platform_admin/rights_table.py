"""The table of rights in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.security.roles import RIGHTS, VERBS, RoleName

SUBJECTS: dict[str, object] = {
    "Resellers": _l("Resellers"),
    "ProviderCatalog": _l("Provider catalogue"),
    "ResellerProviders": _l("Providers of a reseller"),
    "PlatformUsers": _l("Platform users"),
    "FabRoles": _l("Roles"),
    "PlatformAudit": _l("Change log of the platform"),
    "PlatformHome": _l("Platform home"),
    "Operations": _l("Cloud Ops queue"),
    "Home": _l("Home of the console"),
    "Customers": _l("Customers"),
    "CustomerUsers": _l("Users of a customer"),
    "CustomerFields": _l("Custom fields of a customer"),
    "CustomerProviders": _l("Cloud providers of a customer"),
    "CustomerAccounts": _l("Cloud accounts of a customer"),
    "CustomerGroups": _l("Account groups of a customer"),
    "CustomerCredits": _l("Credits of a customer"),
    "UnassignedAccounts": _l("Unassigned accounts"),
    "CustomerCharges": _l("Charges and discounts of a customer"),
    "CustomerTax": _l("Tax of a customer"),
    "CustomerTimeline": _l("Changes of a customer"),
    "Dashboard": _l("Dashboard"),
    "Reports": _l("Reports"),
    "Reconciliation": _l("Reconciliation"),
    "Budgets": _l("Budgets"),
    "SavedViews": _l("Own saved views of lists"),
    "Settings": _l("Settings"),
    "AccountInformation": _l("Account information"),
    "PasswordRequirements": _l("Password requirements"),
    "PlatformPasswordRequirements": _l("Password requirements of the platform"),
    "CustomerSignup": _l("Customer signup"),
    "PortalFunctionality": _l("Portal functionality"),
    "Terms": _l("Terms"),
    "ConsoleUsers": _l("Console users"),
    "EmailTemplates": _l("Email templates"),
    "ApprovalRequests": _l("Approval requests"),
    "Mails": _l("Mails"),
    "PlatformMails": _l("Mails of the platform"),
    "CustomFieldDefinitions": _l("Custom field definitions"),
    "InvoiceOptions": _l("Invoice options"),
    "TaxRates": _l("Tax rates"),
    "ExchangeRates": _l("Exchange rates"),
    "UsageImports": _l("Imports of bills"),
    "ProviderMonths": _l("Months of providers"),
    "Statements": _l("Statements"),
    "CustomerStatements": _l("Statements of a customer"),
    "CustomerWhatIf": _l("What a change would mean"),
    "Jobs": _l("Work in the background"),
    "Pricebooks": _l("Pricebooks"),
    "ChargePlans": _l("Charge plans"),
    "Audit": _l("Change log"),
    "Portal": _l("Customer portal"),
    "PortalDashboard": _l("Dashboard in the portal"),
    "PortalReports": _l("Reports in the portal"),
    "PortalStatements": _l("Statements in the portal"),
    "PortalAccounts": _l("Cloud accounts in the portal"),
    "PortalRequests": _l("Requests in the portal"),
    "PortalUsers": _l("Colleagues in the portal"),
    "PortalCompany": _l("Company in the portal"),
    "Profile": _l("Own profile"),
}

VERB_WORDS: dict[str, object] = {
    "list": _l("list"),
    "show": _l("open"),
    "add": _l("add"),
    "edit": _l("edit"),
    "delete": _l("remove"),
    "archive": _l("archive"),
    "move": _l("move"),
    "import": _l("import"),
    "export": _l("export"),
    "grant": _l("grant roles"),
    "enter": _l("enter for support"),
    "send": _l("send again"),
    "anonymise": _l("anonymise"),
    "approve": _l("approve or decline"),
    "forward": _l("ask Cloud Ops"),
    "complete": _l("take on, complete or reject"),
}


def _verbs(subject: str, role: RoleName) -> list[str]:
    held = {verb for name, verbs, roles in RIGHTS if name == subject and role in roles for verb in verbs}
    return [str(VERB_WORDS.get(verb, verb)) for verb in VERBS if verb in held]


def _subjects() -> list[str]:
    return list(dict.fromkeys(name for name, _verbs, _roles in RIGHTS))


def rights_table() -> list[dict[str, object]]:
    """Return one row per subject: its name, and what each of the five roles may do with it."""
    return [
        {"subject": SUBJECTS.get(name, name), "cells": [_verbs(name, role) for role in RoleName]}
        for name in _subjects()
    ]


def rights_of(role: RoleName) -> list[tuple[object, list[str]]]:
    """Return what one role may do, subject by subject."""
    return [(SUBJECTS.get(name, name), verbs) for name in _subjects() if (verbs := _verbs(name, role))]
