"""The five roles, and what each may do. This page is the whole of it: nothing about rights is kept in the database.

A right is a verb on a subject. Subjects are the ``class_permission_name`` of views; verbs are a closed list. Reading
a row of the table: the roles named may do the verbs named before them. ``docs/roles.md`` prints the same table.
"""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l


class RoleName(enum.StrEnum):
    """The roles by the names under which they are stored and shown."""

    PLATFORM_ADMIN = "Platform Admin"
    OWNER = "Reseller Owner"
    OPS = "Reseller Ops"
    SALES = "Reseller Sales"
    CUSTOMER = "Customer User"


#: What each role is for, in a sentence.
ROLE_PURPOSE = {
    RoleName.PLATFORM_ADMIN: _l("Runs the platform: resellers, provider catalogue, operations queue."),
    RoleName.OWNER: _l("Everything in the own reseller; alone manages console users."),
    RoleName.OPS: _l("Everything in the own reseller except console users."),
    RoleName.SALES: _l("Customers, dashboards and reports; no settings, no statements, no approvals."),
    RoleName.CUSTOMER: _l("The customer portal only, own customer only."),
}

#: Console roles from the most to the least powerful: nobody grants a role that stands before the own one.
CONSOLE_ROLES = (RoleName.OWNER, RoleName.OPS, RoleName.SALES)

P, OWNER, OPS, SALES, CUSTOMER = RoleName
ALL_STAFF = (OWNER, OPS, SALES)
BACK_OFFICE = (OWNER, OPS)
EVERYBODY = (P, OWNER, OPS, SALES, CUSTOMER)

#: The closed vocabulary of verbs.
VERBS = (
    *("list", "show", "add", "edit", "delete", "archive", "import", "export", "grant", "enter", "send"),
    # A person's data is made nobody's.
    "anonymise",
    # Usage goes to another customer's statement from a day on.
    "move",
    # Requests: the reseller decides, and hands over to Cloud Ops, which does them.
    *("approve", "forward", "complete"),
)

READ = ("list", "show")
LISTED = ("list", "add", "edit")
WRITE = (*LISTED, "show")

RIGHTS: tuple[tuple[str, tuple[str, ...], tuple[RoleName, ...]], ...] = (
    # the platform
    ("Resellers", WRITE, (P,)),
    ("Resellers", ("enter",), (P,)),
    ("ProviderCatalog", LISTED, (P,)),
    ("ResellerProviders", ("edit",), (P,)),
    ("PlatformUsers", (*WRITE, "delete"), (P,)),
    ("FabRoles", READ, (P,)),
    ("PlatformAudit", ("list", "export"), (P,)),
    ("PlatformHome", ("show",), (P,)),
    ("PlatformPasswordRequirements", ("show", "edit"), (P,)),
    ("PlatformMails", (*READ, "send"), (P,)),
    ("Operations", (*READ, "complete"), (P,)),
    # the console
    ("Home", ("show",), ALL_STAFF),
    ("Customers", (*WRITE, "archive", "export"), ALL_STAFF),
    ("Customers", ("import",), BACK_OFFICE),
    ("CustomerUsers", LISTED, ALL_STAFF),
    ("CustomerUsers", ("export", "anonymise"), BACK_OFFICE),
    ("CustomerFields", ("show", "edit"), ALL_STAFF),
    ("CustomerProviders", ("list", "edit"), ALL_STAFF),
    ("CustomerAccounts", (*LISTED, "archive", "export"), ALL_STAFF),
    ("CustomerAccounts", ("move", "delete"), BACK_OFFICE),
    ("UnassignedAccounts", ("list", "edit", "export"), BACK_OFFICE),
    ("UsageImports", (*READ, "import"), BACK_OFFICE),
    ("ProviderMonths", ("list", "edit"), BACK_OFFICE),
    ("Jobs", ("show",), BACK_OFFICE),
    ("CustomerGroups", (*LISTED, "delete"), ALL_STAFF),
    ("CustomerCharges", ("show", "edit"), ALL_STAFF),
    ("Statements", (*READ, "export", "add", "approve", "edit", "delete"), BACK_OFFICE),
    ("CustomerStatements", ("show",), BACK_OFFICE),
    ("Dashboard", ("show", "edit"), ALL_STAFF),
    ("Reports", ("show", "export"), ALL_STAFF),
    ("Reconciliation", ("show",), BACK_OFFICE),
    ("CustomerWhatIf", ("show",), ALL_STAFF),
    ("CustomerCredits", ("show",), ALL_STAFF),
    ("CustomerCredits", ("add", "edit"), BACK_OFFICE),
    ("CustomerTax", ("show", "edit"), ALL_STAFF),
    ("CustomerTimeline", ("show",), ALL_STAFF),
    ("SavedViews", ("add", "edit", "delete"), ALL_STAFF),
    # settings of the reseller
    ("Settings", ("show",), BACK_OFFICE),
    ("AccountInformation", ("show", "edit"), BACK_OFFICE),
    ("PasswordRequirements", ("show", "edit"), BACK_OFFICE),
    ("CustomerSignup", ("edit",), BACK_OFFICE),
    ("PortalFunctionality", ("edit",), BACK_OFFICE),
    ("Terms", (*READ, "edit", "export"), BACK_OFFICE),
    ("ConsoleUsers", (*LISTED, "grant", "delete"), (OWNER,)),
    ("CustomFieldDefinitions", (*LISTED, "delete"), BACK_OFFICE),
    ("InvoiceOptions", ("edit",), BACK_OFFICE),
    ("TaxRates", (*LISTED, "delete"), BACK_OFFICE),
    ("ExchangeRates", (*LISTED, "delete"), BACK_OFFICE),
    ("Budgets", (*LISTED, "delete"), BACK_OFFICE),
    ("Pricebooks", READ, ALL_STAFF),
    ("Pricebooks", ("add", "edit", "delete"), BACK_OFFICE),
    ("ChargePlans", (*WRITE, "delete"), BACK_OFFICE),
    ("ApprovalRequests", (*READ, "approve", "forward"), BACK_OFFICE),
    ("Audit", ("list", "export"), BACK_OFFICE),
    ("EmailTemplates", ("list", "edit"), BACK_OFFICE),
    ("Mails", (*READ, "send"), (OWNER,)),
    # the portal
    ("Portal", ("show",), (CUSTOMER,)),
    ("PortalCompany", ("edit",), (CUSTOMER,)),
    ("PortalUsers", (*LISTED, "delete"), (CUSTOMER,)),
    ("PortalAccounts", ("list",), (CUSTOMER,)),
    ("PortalRequests", (*READ, "add"), (CUSTOMER,)),
    ("PortalDashboard", ("show", "edit"), (CUSTOMER,)),
    ("PortalReports", ("show", "export"), (CUSTOMER,)),
    ("PortalStatements", READ, (CUSTOMER,)),
    # the own login
    ("Profile", ("show", "edit", "export"), EVERYBODY),
)


def _rights_of(role: RoleName) -> frozenset[tuple[str, str]]:
    return frozenset(
        (f"can_{verb}", subject) for subject, verbs, roles in RIGHTS if role in roles for verb in verbs
    )


#: role -> {("can_edit", "Customers"), ...}
ROLE_RIGHTS: dict[str, frozenset[tuple[str, str]]] = {role.value: _rights_of(role) for role in RoleName}


def grantable_roles(own: str | None) -> tuple[RoleName, ...]:
    """Return the console roles that somebody with the role ``own`` may grant: never one above it."""
    if own not in CONSOLE_ROLES:
        return ()
    return CONSOLE_ROLES[CONSOLE_ROLES.index(RoleName(own)) :]
