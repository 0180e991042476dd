"""Every screen of the product by name: who looks at it, and where it is in the world of ``world.py``."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.server import Server

OWNER = "owner@harbourline.example"
OPS = "ops@harbourline.example"
CUSTOMER_USER = "annika.feldt@tessera.example"
ADMIN = "admin@cloudtally.example"


@dataclass(frozen=True)
class Place:
    """A screen; ``needs`` is a query whose answer goes into the address."""

    name: str
    who: str | None
    path: str
    needs: str = ""
    status: int = 200

    def url(self, server: Server) -> str:
        """Return the address on this server."""
        return self.path.format(server.ask(self.needs)) if self.needs else self.path


_CUSTOMER = "SELECT id FROM customers WHERE organization = 'Tessera Health AG'"
_PERSON = (
    "SELECT customer_id || '/users/' || id || '/' FROM ab_user WHERE email = 'annika.feldt@tessera.example'"
)
_COLLEAGUE = "SELECT id FROM ab_user WHERE email = 'ops@harbourline.example'"
_BOOK = (
    "SELECT min(pricebooks.id) FROM pricebooks JOIN resellers ON resellers.id = reseller_id"
    " WHERE nickname = 'harbourline' AND pricebooks.name LIKE 'AWS S%'"
)
_RESELLER = "SELECT id FROM resellers WHERE nickname = 'harbourline'"
_BARE_BOOK = _BOOK.replace("AWS S%", "AWS P%")
_ASSIGNMENT = (
    "SELECT customer_id || '/charges/' || id || '/' FROM charge_assignments WHERE customer_id IN"
    " (SELECT id FROM customers WHERE organization = 'Tessera Health AG') LIMIT 1"
)
_ACCOUNT = (
    "SELECT customer_id || '/accounts/' || id || '/' FROM cloud_accounts"
    " WHERE name = 'tessera-prod' ORDER BY id LIMIT 1"
)
_CREDIT = (
    "SELECT customer_id || '/credits/' || credits.id || '/reverse/' FROM credits JOIN customers"
    " ON customers.id = customer_id WHERE organization = 'Tessera Health AG' ORDER BY credits.id LIMIT 1"
)
_TAX_RATE = "SELECT min(id) FROM tax_rates WHERE name = 'VAT standard rate'"
_NOBODYS = "SELECT min(id) FROM cloud_accounts WHERE name = 'sandbox-eu-central'"
_SIGN_UP = "SELECT min(id) FROM approval_requests WHERE type = 'signup' AND status = 'pending'"
_ASKED = "SELECT min(id) FROM approval_requests WHERE type = 'account_provision' AND status = 'pending'"
_DECLINED = "SELECT min(id) FROM approval_requests WHERE status = 'declined'"
_WITH_OPS = "SELECT min(id) FROM approval_requests WHERE status = 'in_progress'"
_WAITING = "SELECT min(customer_id) FROM approval_requests WHERE type = 'signup' AND status = 'pending'"
_PLAN = "SELECT min(id) FROM charge_plans WHERE type = 'tiered'"
_STATEMENT = (
    "SELECT min(statements.id) FROM statements JOIN customers ON customers.id = customer_id"
    " WHERE organization = 'Tessera Health AG' AND statements.state = 'open'"
)
_DRAFT = _STATEMENT.replace("'open'", "'draft'")
_VOID = "SELECT min(id) FROM statements WHERE state = 'void'"
_IMPORT = "SELECT max(usage_imports.id) FROM usage_imports JOIN resellers ON resellers.id = reseller_id"
_IMPORT += " WHERE nickname = 'harbourline'"
_BUDGET = "SELECT min(id) FROM budgets"
_FIELD = "SELECT min(id) FROM custom_field_definitions WHERE name = 'territory'"

_REQUEST = (
    "SELECT max(id) FROM approval_requests WHERE status = '{}' AND customer_id = "
    "(SELECT id FROM customers WHERE organization = 'Tessera Health AG')"
)
_OWN_ACCOUNT = "SELECT min(id) FROM cloud_accounts WHERE name = 'tessera-prod'"
_ASK = "/portal/harbourline/accounts/requests/"


def _workspace(name: str, path: str) -> Place:
    return Place(f"customer-{name}", OPS, f"/customers/{{}}/{path}", _CUSTOMER)


CONSOLE = (
    Place("home", OPS, "/home/"),
    Place("customers", OPS, "/customers/list/"),
    Place("customers-no-match", OPS, "/customers/list/?q=zzzz&status=active"),
    Place(
        "customers-columns", OPS, "/customers/list/?columns=organization&columns=country&columns=cf_territory"
    ),
    Place("view-add", OPS, "/views/customers/add?status=active"),
    Place("customer-add", OPS, "/customers/add"),
    Place("import", OPS, "/customers/import/"),
    _workspace("information", ""),
    _workspace("users", "users/"),
    _workspace("user-add", "users/add/"),
    Place("customer-user", OPS, "/customers/{}", _PERSON),
    Place("customer-user-anonymise", OPS, "/customers/{}anonymise/", _PERSON),
    _workspace("custom-fields", "custom-fields/"),
    _workspace("providers", "providers/"),
    _workspace("provider", "providers/aws/"),
    _workspace("accounts", "accounts/"),
    _workspace("account-add", "accounts/add/"),
    _workspace("account-request", "requests/account/"),
    _workspace("account-request-aws", "requests/account/?provider=aws"),
    Place("customer-waiting", OPS, "/customers/{}/providers/", _WAITING),
    _workspace("charges", "charges/"),
    _workspace("charge-assign", "charges/add/"),
    _workspace("charges-overview", "charges/overview/"),
    _workspace("groups", "groups/"),
    _workspace("group-add", "groups/add/"),
    _workspace("tax", "tax/"),
    _workspace("credits", "credits/"),
    _workspace("credit-add", "credits/add/"),
    Place("customer-account", OPS, "/customers/{}", _ACCOUNT),
    Place("customer-account-move", OPS, "/customers/{}move/", _ACCOUNT),
    Place("customer-assignment", OPS, "/customers/{}", _ASSIGNMENT),
    Place("customer-credit-reverse", OPS, "/customers/{}", _CREDIT),
    _workspace("timeline", "timeline/"),
    Place("pricebooks", OPS, "/pricebooks/"),
    Place("pricebook-add", OPS, "/pricebooks/add"),
    Place("pricebook-rules", OPS, "/pricebooks/{}/", _BOOK),
    Place("pricebook-tester", OPS, "/pricebooks/{}/test/?list_price=1&quantity=1&month=2026-11", _BOOK),
    Place("pricebook-import", OPS, "/pricebooks/import/"),
    Place("pricebook-details", OPS, "/pricebooks/edit/{}", _BOOK),
    Place("pricebook-without-rules", OPS, "/pricebooks/{}/", _BARE_BOOK),
    Place("pricebook-duplicate", OPS, "/pricebooks/{}/duplicate/", _BOOK),
    Place("pricebook-csv", OPS, "/pricebooks/{}/import/", _BOOK),
    Place("pricebook-history", OPS, "/pricebooks/{}/history/", _BOOK),
    Place("unassigned-accounts", OPS, "/cloud-accounts/unassigned/"),
    Place("unassigned-no-match", OPS, "/cloud-accounts/unassigned/?q=zzzz"),
    Place("assign-accounts", OPS, "/cloud-accounts/unassigned/assign/?rowid={}", _NOBODYS),
    Place("imports", OPS, "/billing/imports/"),
    Place("import-report", OPS, "/billing/imports/{}/", _IMPORT),
    Place("import-upload", OPS, "/billing/imports/upload/"),
    Place("months", OPS, "/billing/months/"),
    Place("statements", OPS, "/billing/statements/"),
    Place("statements-no-match", OPS, "/billing/statements/?q=zzzz"),
    Place("statements-generate", OPS, "/billing/statements/generate/"),
    Place("statements-late", OPS, "/billing/statements/late/"),
    Place("statement", OPS, "/billing/statements/{}/", _STATEMENT),
    Place("statement-draft", OPS, "/billing/statements/{}/", _DRAFT),
    Place("statement-void", OPS, "/billing/statements/{}/", _VOID),
    Place("statement-line", OPS, "/billing/statements/{}/lines/1/", _STATEMENT),
    Place("statement-paid", OPS, "/billing/statements/{}/paid/", _STATEMENT),
    Place("statement-take-back", OPS, "/billing/statements/{}/void/", _STATEMENT),
    Place("statement-credit", OPS, "/billing/statements/{}/credit/", _STATEMENT),
    _workspace("statements", "statements/"),
    Place("dashboard", OPS, "/dashboard/"),
    Place(
        "dashboard-narrowed",
        OPS,
        "/dashboard/?period=last_quarter&provider=aws&cf_territory=North&currency=USD",
    ),
    Place("dashboard-no-usage", OPS, "/dashboard/?period=last_year"),
    Place("dashboard-unknown-customer", OPS, "/dashboard/?who=zzzz", status=422),
    Place("report", OPS, "/reports/billing/"),
    Place(
        "report-narrowed",
        OPS,
        "/reports/billing/?group=customer&group=service&columns=margin&columns=quantity&columns=cf_territory"
        "&customer={}&sort=cf_territory",
        _CUSTOMER,
    ),
    Place("report-no-match", OPS, "/reports/billing/?service=zzzz"),
    Place("report-margin", OPS, "/reports/margin/"),
    Place("report-changes", OPS, "/reports/changes/"),
    Place("reconciliation", OPS, "/billing/reconciliation/"),
    Place("budgets", OPS, "/settings/budgets/"),
    Place("budget-add", OPS, "/settings/budgets/add"),
    Place("budget", OPS, "/settings/budgets/edit/{}", _BUDGET),
    Place("settings", OWNER, "/settings/"),
    Place("approvals", OWNER, "/settings/approvals/"),
    Place("approvals-no-match", OWNER, "/settings/approvals/?q=zzzz"),
    Place("approval-sign-up", OWNER, "/settings/approvals/{}/", _SIGN_UP),
    Place("approval-account", OWNER, "/settings/approvals/{}/", _ASKED),
    Place("approval-declined", OWNER, "/settings/approvals/{}/", _DECLINED),
    Place("approval-decline", OWNER, "/settings/approvals/{}/decline/", _SIGN_UP),
    Place("account", OWNER, "/settings/account/"),
    Place("users", OWNER, "/settings/users/"),
    Place("user-add", OWNER, "/settings/users/add"),
    Place("user", OWNER, "/settings/users/{}/", _COLLEAGUE),
    Place("mails", OWNER, "/settings/mails/"),
    Place("email-templates", OWNER, "/settings/email-templates/"),
    Place("email-template", OWNER, "/settings/email-templates/account_provision_declined/en/"),
    Place("email-template-sending", OWNER, "/settings/email-templates/signup_needs_approval/"),
    Place("custom-fields", OPS, "/settings/custom-fields/"),
    Place("custom-field-add", OPS, "/settings/custom-fields/add"),
    Place("custom-field", OPS, "/settings/custom-fields/edit/{}", _FIELD),
    Place("charges", OPS, "/settings/charges/"),
    Place("charge-add", OPS, "/settings/charges/add?template=aws-business"),
    Place("charge-edit", OPS, "/settings/charges/edit/{}", _PLAN),
    Place("charge", OPS, "/settings/charges/show/{}?spend=12000&accounts=3", _PLAN),
    Place("charge-templates", OPS, "/settings/charges/templates"),
    Place("charge-defaults", OPS, "/settings/charges/defaults/"),
    Place("invoice-options", OPS, "/settings/invoices/"),
    Place("exchange-rates", OPS, "/settings/exchange-rates/"),
    Place("taxes", OPS, "/settings/taxes/"),
    Place("tax-add", OPS, "/settings/taxes/add"),
    Place("tax", OPS, "/settings/taxes/edit/{}", _TAX_RATE),
    Place("audit", OPS, "/audit/list/"),
    Place("profile", OPS, "/profile/"),
    Place("password", OPS, "/profile/password/"),
    Place("second-factor", OPS, "/profile/second-factor/"),
    Place("sessions", OPS, "/profile/sessions/"),
    Place("sign-ins", OPS, "/profile/sign-ins/"),
    Place("password-requirements", OWNER, "/settings/password-requirements/"),
)
PLATFORM = (
    Place("platform-home", ADMIN, "/platform/"),
    Place("operations", ADMIN, "/platform/operations/"),
    Place("operation", ADMIN, "/platform/operations/{}/", _WITH_OPS),
    Place("operation-reject", ADMIN, "/platform/operations/{}/reject/", _WITH_OPS),
    Place("resellers", ADMIN, "/platform/resellers/list/"),
    Place("reseller-add", ADMIN, "/platform/resellers/add"),
    Place("reseller", ADMIN, "/platform/resellers/show/{}", _RESELLER),
    Place("provider-catalogue", ADMIN, "/platform/providers/list/"),
    Place("provider-catalogue-add", ADMIN, "/platform/providers/add"),
    Place("platform-users", ADMIN, "/platform/users/list/"),
    Place("platform-mails", ADMIN, "/platform/mails/"),
    Place("platform-password-requirements", ADMIN, "/platform/password-requirements/"),
    Place("roles", ADMIN, "/platform/roles/list/"),
    Place("platform-audit", ADMIN, "/audit/list/"),
)
PORTAL = (
    Place("portal", CUSTOMER_USER, "/portal/harbourline/"),
    Place("portal-profile", CUSTOMER_USER, "/profile/"),
    Place("portal-company", CUSTOMER_USER, "/portal/harbourline/company/"),
    Place("portal-users", CUSTOMER_USER, "/portal/harbourline/users/"),
    Place("portal-invite", CUSTOMER_USER, "/portal/harbourline/users/invite/"),
    Place("portal-dashboard", CUSTOMER_USER, "/portal/harbourline/dashboard/"),
    Place("portal-reports", CUSTOMER_USER, "/portal/harbourline/reports/"),
    Place("portal-reports-no-usage", CUSTOMER_USER, "/portal/harbourline/reports/?period=last_year"),
    Place("portal-statements", CUSTOMER_USER, "/portal/harbourline/statements/"),
    Place("portal-statement", CUSTOMER_USER, "/portal/harbourline/statements/{}/", _STATEMENT),
    Place("portal-accounts", CUSTOMER_USER, "/portal/harbourline/accounts/"),
    Place("portal-accounts-no-match", CUSTOMER_USER, "/portal/harbourline/accounts/?q=zzzz"),
    Place("portal-requests", CUSTOMER_USER, _ASK),
    Place("portal-request", CUSTOMER_USER, _ASK + "{}/", _REQUEST.format("pending")),
    Place("portal-request-declined", CUSTOMER_USER, _ASK + "{}/", _REQUEST.format("declined")),
    Place("portal-where", CUSTOMER_USER, _ASK + "account/"),
    Place("portal-ask", CUSTOMER_USER, _ASK + "account/aws/"),
    Place("portal-link", CUSTOMER_USER, _ASK + "link/azure/"),
    Place("portal-ask-provider", CUSTOMER_USER, _ASK + "provider/google/"),
    Place("portal-removal", CUSTOMER_USER, _ASK + "removal/{}/", _OWN_ACCOUNT),
    Place("portal-second-factor", CUSTOMER_USER, "/profile/second-factor/"),
    Place("portal-sessions", CUSTOMER_USER, "/profile/sessions/"),
)
_STORE = "/portal/harbourline/"
STOREFRONT = (
    Place("settings-signup", OWNER, "/settings/signup/"),
    Place("settings-portal", OWNER, "/settings/portal/"),
    Place("terms", OWNER, "/settings/terms/"),
    Place("terms-version", OWNER, "/settings/terms/{}/", "SELECT min(id) FROM terms_versions"),
    Place("terms-draft", OWNER, "/settings/terms/draft/"),
    Place("terms-accepted", OWNER, "/settings/terms/acceptances/"),
    Place("terms-missing", OWNER, "/settings/terms/acceptances/?show=missing"),
    Place("front", None, _STORE),
    Place("front-plain", None, "/portal/summit/"),
    Place("portal-login", None, _STORE + "login/"),
    Place("portal-forgotten", None, _STORE + "password/forgotten/"),
    Place("signup", None, _STORE + "signup/"),
    Place("signup-sent", None, _STORE + "signup/sent/"),
    Place("signup-confirmed", None, _STORE + "signup/confirmed/"),
    Place("validate-gone", None, _STORE + "validate/none/", status=404),
    Place("validate-again", None, _STORE + "validate/"),
    Place("portal-terms", None, _STORE + "terms/"),
    Place("portal-not-found", None, _STORE + "nowhere/", status=404),
)
OUTSIDE = (
    Place("sign-in", None, "/login/"),
    Place("invitation-gone", None, "/invitation/none/", status=404),
    Place("forgotten", None, "/password/forgotten/"),
    Place("reset-gone", None, "/password/reset/none/", status=404),
    Place("not-found", OPS, "/customers/999999/", status=404),
    Place("not-found-outside", None, "/nowhere", status=404),
    Place("not-allowed", OPS, "/platform/resellers/list/", status=403),
)
PLACES = CONSOLE + PLATFORM + PORTAL + STOREFRONT + OUTSIDE
