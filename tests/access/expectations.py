"""Who may open what: one line for every address of the application.

``GET`` and ``POST`` are judged apart. Whoever is not named is refused: 403 for people who are signed in, the sign-in
page for everybody else. ``owner of the other reseller`` is named by the role: on an address that names a row of the
first reseller, 404 is expected instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.access.actors import ACTORS, ADMIN, ANONYMOUS, CUSTOMER, ENTERED_ADMIN, OPS, OWNER, SALES, SOUTH

Actors = tuple[str, ...]

EVERYBODY: Actors = ACTORS
SIGNED_IN: Actors = tuple(one for one in ACTORS if one != ANONYMOUS)
STAFF: Actors = (SALES, OPS, OWNER, SOUTH, ENTERED_ADMIN)
REGULARS: Actors = (SALES, OPS, OWNER, SOUTH)
BACK_OFFICE: Actors = (OPS, OWNER, SOUTH, ENTERED_ADMIN)
OWNERS: Actors = (OWNER, SOUTH, ENTERED_ADMIN)
PLATFORM: Actors = (ADMIN,)
PORTAL: Actors = (CUSTOMER,)
#: A Platform Admin keeps the right to enter, wherever he is.
CAN_ENTER: Actors = (ADMIN, ENTERED_ADMIN)

#: Lists whose address does not say so.
LISTS = (
    "/pricebooks/",
    "/settings/charges/",
    "/settings/custom-fields/",
    "/settings/taxes/",
    "/settings/exchange-rates/",
    "/settings/users/",
    "/settings/mails/",
    "/settings/approvals/",
    "/platform/operations/",
    "/platform/mails/",
    "/portal/north/",
    "/portal/north/accounts/",
    "/portal/north/accounts/requests/",
    "/portal/north/users/",
)

#: What an allowed POST answers: done, or refused in words. The test sends an empty form.
DONE_OR_REFUSED = (302, 409, 422)


@dataclass(frozen=True)
class Line:
    """One address."""

    rule: str
    get: Actors | None = None
    post: Actors | None = None
    get_answers: tuple[int, ...] = (200,)
    post_answers: tuple[int, ...] = DONE_OR_REFUSED


_CUSTOMER = "/customers/<int:customer_id>/"
_ACCOUNT = _CUSTOMER + "accounts/<int:account_id>/"
_UNASSIGNED = "/cloud-accounts/unassigned/<int:account_id>/"
_STATEMENT = "/billing/statements/<int:statement_id>/"
_USAGE = "/billing/imports/<int:import_id>/"
_MONTH = "/billing/months/<string:month>/<string:code>/"
_USER = _CUSTOMER + "users/<int:user_id>/"
_IMPORT = "/customers/import/<int:import_id>/"
_PORTAL = "/portal/<string:nickname>/"
_ASK = _PORTAL + "accounts/requests/"
_CONSOLE_USER = "/settings/users/<int:user_id>/"
_TEMPLATE = "/settings/email-templates/<string:event>/"
_REQUEST = "/settings/approvals/<int:request_id>/"
_OPERATION = "/platform/operations/<int:request_id>/"

LINES = (
    # the door
    Line("/", get=EVERYBODY, get_answers=(302,)),
    Line("/login/", get=EVERYBODY, post=EVERYBODY, get_answers=(200, 302)),
    Line("/login/code/", get=EVERYBODY, post=EVERYBODY, get_answers=(302,)),
    Line("/logout/", post=EVERYBODY),
    Line("/invitation/<string:token>/", get=EVERYBODY, post=EVERYBODY),
    Line("/password/forgotten/", get=EVERYBODY, post=EVERYBODY),
    Line("/password/reset/<string:token>/", get=EVERYBODY, post=EVERYBODY),
    Line("/language/", post=EVERYBODY),
    Line("/static/<path:filename>", get=EVERYBODY),
    Line("/static/appbuilder/<path:filename>", get=EVERYBODY),
    Line("/providers/<int:provider_id>/logo", get=SIGNED_IN, get_answers=(200, 404)),
    # the own login
    Line("/profile/", get=SIGNED_IN, post=SIGNED_IN),
    Line("/profile/data.json", get=SIGNED_IN),
    Line("/profile/password/", get=SIGNED_IN, post=SIGNED_IN),
    Line("/profile/second-factor/", get=SIGNED_IN),
    Line("/profile/second-factor/begin/", post=SIGNED_IN),
    Line("/profile/second-factor/set-up/", get=SIGNED_IN, post=SIGNED_IN, get_answers=(302,)),
    Line("/profile/second-factor/codes/", post=SIGNED_IN),
    Line("/profile/second-factor/off/", post=SIGNED_IN),
    Line("/profile/sessions/", get=SIGNED_IN),
    Line("/profile/sessions/<int:session_id>/end/", post=SIGNED_IN),
    Line("/profile/sessions/end-others/", post=SIGNED_IN),
    Line("/profile/sign-ins/", get=SIGNED_IN),
    # the platform
    Line("/platform/", get=PLATFORM),
    Line("/platform/operations/", get=PLATFORM),
    Line(_OPERATION, get=PLATFORM),
    Line(_OPERATION + "take/", post=PLATFORM),
    Line(_OPERATION + "complete/", post=PLATFORM),
    Line(_OPERATION + "reject/", get=PLATFORM, post=PLATFORM),
    Line("/platform/mails/", get=PLATFORM),
    Line("/platform/mails/<int:mail_id>/", get=PLATFORM),
    Line("/platform/mails/<int:mail_id>/send/", post=PLATFORM),
    Line("/platform/resellers/list/", get=PLATFORM),
    Line("/platform/resellers/show/<pk>", get=PLATFORM),
    Line("/platform/resellers/add", get=PLATFORM, post=PLATFORM),
    Line("/platform/resellers/edit/<pk>", get=PLATFORM, post=PLATFORM),
    Line("/platform/resellers/<int:reseller_id>/providers/", post=PLATFORM),
    Line("/platform/resellers/<int:reseller_id>/owners/<int:user_id>/invitation/", post=PLATFORM),
    Line("/platform/providers/list/", get=PLATFORM),
    Line("/platform/providers/add", get=PLATFORM, post=PLATFORM),
    Line("/platform/providers/edit/<pk>", get=PLATFORM, post=PLATFORM),
    Line("/platform/users/list/", get=PLATFORM),
    Line("/platform/users/show/<pk>", get=PLATFORM),
    Line("/platform/users/add", get=PLATFORM, post=PLATFORM),
    Line("/platform/users/edit/<pk>", get=PLATFORM, post=PLATFORM),
    Line("/platform/users/delete/<pk>", post=PLATFORM),
    Line("/platform/users/invite/<pk>", post=PLATFORM),
    Line("/platform/users/suspend/<pk>", post=PLATFORM),
    Line("/platform/users/activate/<pk>", post=PLATFORM),
    Line("/platform/users/unlock/<pk>", post=PLATFORM),
    Line("/platform/users/sign-out/<pk>", post=PLATFORM),
    Line("/platform/users/reset-second-factor/<pk>", post=PLATFORM),
    Line("/platform/password-requirements/", get=PLATFORM, post=PLATFORM),
    Line("/platform/roles/list/", get=PLATFORM),
    Line("/platform/roles/show/<pk>", get=PLATFORM),
    Line("/enter/<int:reseller_id>/", post=CAN_ENTER),
    Line("/enter/leave/", post=SIGNED_IN),
    # the console
    Line("/home/", get=STAFF),
    Line("/customers/list/", get=STAFF),
    Line("/customers/add", get=STAFF, post=STAFF),
    Line("/customers/archive", post=STAFF),
    Line("/customers/restore", post=STAFF),
    Line("/customers/export.csv", get=STAFF),
    Line("/customers/export.xlsx", get=STAFF),
    Line("/customers/import/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/customers/import/template.csv", get=BACK_OFFICE),
    Line(_IMPORT, get=BACK_OFFICE),
    Line(_IMPORT + "apply/", post=BACK_OFFICE),
    Line(_IMPORT + "errors.csv", get=BACK_OFFICE),
    Line(_CUSTOMER, get=STAFF, post=STAFF),
    Line(_CUSTOMER + "jump/", get=STAFF, get_answers=(302,)),
    Line(_CUSTOMER + "archive/", post=STAFF),
    Line(_CUSTOMER + "delete/", post=STAFF),
    Line(_CUSTOMER + "restore/", post=STAFF),
    Line(_CUSTOMER + "users/", get=STAFF),
    Line(_CUSTOMER + "users/add/", get=STAFF, post=STAFF),
    Line(_USER, get=STAFF, post=STAFF),
    Line(_USER + "invite/", post=STAFF),
    Line(_USER + "unlock/", post=STAFF),
    Line(_USER + "sign-out/", post=STAFF),
    Line(_USER + "reset-second-factor/", post=STAFF),
    Line(_USER + "remove/", post=STAFF),
    Line(_USER + "data.json", get=BACK_OFFICE),
    Line(_USER + "anonymise/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_CUSTOMER + "custom-fields/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "providers/", get=STAFF),
    Line(_CUSTOMER + "providers/<string:code>/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "accounts/", get=STAFF),
    Line(_CUSTOMER + "accounts/export.csv", get=STAFF),
    Line(_CUSTOMER + "accounts/export.xlsx", get=STAFF),
    Line(_CUSTOMER + "accounts/add/", get=STAFF, post=STAFF),
    Line(_ACCOUNT, get=STAFF, post=STAFF),
    Line(_ACCOUNT + "archive/", post=STAFF),
    Line(_ACCOUNT + "restore/", post=STAFF),
    Line(_ACCOUNT + "move/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_ACCOUNT + "delete/", post=BACK_OFFICE),
    # accounts that are nobody's yet
    Line("/cloud-accounts/unassigned/", get=BACK_OFFICE),
    Line("/cloud-accounts/unassigned/export.csv", get=BACK_OFFICE),
    Line("/cloud-accounts/unassigned/export.xlsx", get=BACK_OFFICE),
    Line("/cloud-accounts/unassigned/assign/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_UNASSIGNED + "archive/", post=BACK_OFFICE),
    Line(_UNASSIGNED + "restore/", post=BACK_OFFICE),
    # bills that come in, and months that are complete
    Line("/jobs/<int:job_id>/progress/", get=BACK_OFFICE),
    Line("/billing/imports/", get=BACK_OFFICE),
    Line("/billing/imports/upload/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/billing/imports/begin/", post=BACK_OFFICE),
    Line(_USAGE, get=BACK_OFFICE),
    Line(_USAGE + "piece/", post=BACK_OFFICE),
    Line(_USAGE + "rejected.csv", get=BACK_OFFICE),
    Line(_USAGE + "accept/", post=BACK_OFFICE),
    Line(_USAGE + "dismiss/", post=BACK_OFFICE),
    Line(_USAGE + "restart/", post=BACK_OFFICE),
    Line("/billing/months/", get=BACK_OFFICE),
    Line("/dashboard/", get=STAFF),
    # a view belongs to a person of the reseller
    Line("/dashboard/default/", post=REGULARS),
    Line("/reports/billing/", get=STAFF),
    Line("/reports/billing/export.<kind>", get=STAFF),
    Line("/reports/margin/", get=STAFF),
    Line("/reports/changes/", get=STAFF),
    Line("/billing/reconciliation/", get=BACK_OFFICE),
    Line("/billing/statements/", get=BACK_OFFICE),
    Line("/billing/statements/export.csv", get=BACK_OFFICE),
    Line("/billing/statements/generate/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/billing/statements/issue/", post=BACK_OFFICE),
    Line("/billing/statements/late/", get=BACK_OFFICE),
    Line(_STATEMENT, get=BACK_OFFICE),
    Line(_STATEMENT + "lines/<int:position>/", get=BACK_OFFICE, get_answers=(200, 404)),
    Line(_STATEMENT + "document/<kind>", get=BACK_OFFICE),
    Line(_STATEMENT + "generate/", post=BACK_OFFICE),
    Line(_STATEMENT + "issue/", post=BACK_OFFICE),
    Line(_STATEMENT + "discard/", post=BACK_OFFICE),
    Line(_STATEMENT + "paid/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_STATEMENT + "reopen/", post=BACK_OFFICE),
    Line(_STATEMENT + "void/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_STATEMENT + "credit/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_STATEMENT + "missing/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_CUSTOMER + "statements/", get=BACK_OFFICE),
    Line(_MONTH + "close/", post=BACK_OFFICE),
    Line(_MONTH + "open/", post=BACK_OFFICE),
    Line(_CUSTOMER + "requests/account/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_CUSTOMER + "requests/removal/<int:account_id>/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_CUSTOMER + "charges/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "charges/add/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "what-if/adjustment/", post=STAFF),
    Line(_CUSTOMER + "what-if/provider/<string:code>/", post=STAFF, post_answers=(200, 422)),
    Line(_CUSTOMER + "what-if/plan/", post=STAFF, post_answers=(200, 422)),
    Line(_CUSTOMER + "charges/overview/", get=STAFF),
    Line(_CUSTOMER + "charges/<int:assignment_id>/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "charges/<int:assignment_id>/remove/", post=STAFF),
    Line(_CUSTOMER + "credits/", get=STAFF),
    Line(_CUSTOMER + "credits/add/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_CUSTOMER + "credits/<int:credit_id>/reverse/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_CUSTOMER + "groups/", get=STAFF),
    Line(_CUSTOMER + "groups/add/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "groups/<int:group_id>/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "groups/<int:group_id>/delete/", post=STAFF),
    Line(_CUSTOMER + "tax/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "timeline/", get=STAFF),
    # the own views of lists: whoever has entered a reseller keeps none
    Line("/views/<string:list_key>/add", get=REGULARS, post=REGULARS),
    Line("/views/<int:view_id>/", get=REGULARS, post=REGULARS),
    Line("/views/<int:view_id>/remove/", post=REGULARS),
    Line("/pricebooks/", get=STAFF),
    Line("/pricebooks/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/pricebooks/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/pricebooks/delete/<pk>", post=BACK_OFFICE),
    Line("/pricebooks/import/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/pricebooks/<int:pk>/", get=STAFF, post=BACK_OFFICE),
    Line("/pricebooks/<int:pk>/rules.csv", get=STAFF),
    Line("/pricebooks/<int:pk>/duplicate/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/pricebooks/<int:pk>/import/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/pricebooks/<int:pk>/what-if/", post=BACK_OFFICE),
    Line("/pricebooks/<int:pk>/test/", get=STAFF),
    Line("/pricebooks/<int:pk>/history/", get=STAFF),
    Line("/audit/list/", get=(*BACK_OFFICE, ADMIN)),
    Line("/audit/export.csv", get=(*BACK_OFFICE, ADMIN)),
    # settings of the reseller
    Line("/settings/", get=BACK_OFFICE),
    Line("/settings/approvals/", get=BACK_OFFICE),
    Line(_REQUEST, get=BACK_OFFICE),
    Line(_REQUEST + "approve/", post=BACK_OFFICE),
    Line(_REQUEST + "decline/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/account/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/account/logo", get=BACK_OFFICE, get_answers=(200, 404)),
    Line("/settings/signup/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/portal/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/terms/", get=BACK_OFFICE),
    Line("/settings/terms/<int:version_id>/", get=BACK_OFFICE),
    Line("/settings/terms/draft/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/terms/draft/discard/", post=BACK_OFFICE),
    Line("/settings/terms/acceptances/", get=BACK_OFFICE),
    Line("/settings/terms/acceptances.csv", get=BACK_OFFICE),
    Line("/settings/password-requirements/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/charges/", get=BACK_OFFICE),
    Line("/settings/charges/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/charges/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/charges/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/charges/show/<pk>", get=BACK_OFFICE),
    Line("/settings/charges/templates", get=BACK_OFFICE),
    Line("/settings/charges/defaults/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/charges/defaults/<int:assignment_id>/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/charges/defaults/<int:assignment_id>/remove/", post=BACK_OFFICE),
    Line("/settings/custom-fields/", get=BACK_OFFICE),
    Line("/settings/custom-fields/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/custom-fields/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/custom-fields/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/invoices/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/taxes/", get=BACK_OFFICE),
    Line("/settings/taxes/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/taxes/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/taxes/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/exchange-rates/", get=BACK_OFFICE),
    Line("/settings/exchange-rates/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/exchange-rates/copy", post=BACK_OFFICE, post_answers=(400,)),
    Line("/settings/exchange-rates/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/exchange-rates/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/budgets/", get=BACK_OFFICE),
    Line("/settings/budgets/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/budgets/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/budgets/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/users/", get=OWNERS),
    Line("/settings/users/add", get=OWNERS, post=OWNERS),
    Line("/settings/email-templates/", get=BACK_OFFICE),
    Line(_TEMPLATE, get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_TEMPLATE + "<string:language>/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line(_TEMPLATE + "<string:language>/default/", post=BACK_OFFICE),
    Line("/settings/mails/", get=OWNERS),
    Line("/settings/mails/<int:mail_id>/", get=OWNERS),
    Line("/settings/mails/<int:mail_id>/send/", post=OWNERS),
    Line(_CONSOLE_USER, get=OWNERS, post=OWNERS),
    Line(_CONSOLE_USER + "activate", post=OWNERS),
    Line(_CONSOLE_USER + "invite", post=OWNERS),
    Line(_CONSOLE_USER + "password", post=OWNERS),
    Line(_CONSOLE_USER + "remove", post=OWNERS),
    Line(_CONSOLE_USER + "suspend", post=OWNERS),
    Line(_CONSOLE_USER + "unlock", post=OWNERS),
    Line(_CONSOLE_USER + "sign-out", post=OWNERS),
    Line(_CONSOLE_USER + "reset-second-factor", post=OWNERS),
    # the portal
    Line(_PORTAL + "company/", get=PORTAL, post=PORTAL),
    Line(_PORTAL + "users/", get=PORTAL),
    Line(_PORTAL + "users/invite/", get=PORTAL, post=PORTAL),
    Line(_PORTAL + "users/<int:user_id>/invite/", post=PORTAL),
    Line(_PORTAL + "users/<int:user_id>/withdraw/", post=PORTAL),
    Line(_PORTAL + "dashboard/", get=PORTAL),
    Line(_PORTAL + "dashboard/default/", post=PORTAL),
    Line(_PORTAL + "reports/", get=PORTAL),
    Line(_PORTAL + "reports/export.<kind>", get=PORTAL),
    Line(_PORTAL + "statements/", get=PORTAL),
    Line(_PORTAL + "statements/<int:statement_id>/", get=PORTAL),
    Line(_PORTAL + "statements/<int:statement_id>/document/<kind>", get=PORTAL),
    Line(_PORTAL + "accounts/", get=PORTAL),
    Line(_ASK, get=PORTAL),
    Line(_ASK + "<int:request_id>/", get=PORTAL),
    Line(_ASK + "account/", get=PORTAL, get_answers=(302,)),  # at the only provider
    Line(_ASK + "account/<string:code>/", get=PORTAL, post=PORTAL),
    Line(_ASK + "link/", get=PORTAL, get_answers=(302,)),
    Line(_ASK + "link/<string:code>/", get=PORTAL, post=PORTAL),
    Line(_ASK + "provider/", get=PORTAL),
    Line(_ASK + "provider/<string:code>/", get=PORTAL, post=PORTAL),
    Line(_ASK + "removal/<int:account_id>/", get=PORTAL, post=PORTAL),
    Line(_PORTAL, get=EVERYBODY),
    Line(_PORTAL + "brand.css", get=EVERYBODY),
    Line(_PORTAL + "icon.svg", get=EVERYBODY),
    Line(_PORTAL + "password/forgotten/", get=EVERYBODY, post=EVERYBODY),
    Line(_PORTAL + "providers/<int:provider_id>/logo", get=EVERYBODY, get_answers=(200, 404)),
    Line(_PORTAL + "signup/", get=EVERYBODY, post=EVERYBODY, get_answers=(200, 302)),
    Line(_PORTAL + "signup/sent/", get=EVERYBODY),
    Line(_PORTAL + "signup/confirmed/", get=EVERYBODY),
    Line(_PORTAL + "validate/", get=EVERYBODY, post=EVERYBODY),
    Line(_PORTAL + "validate/<string:token>/", get=EVERYBODY, post=EVERYBODY),
    Line(_PORTAL + "terms/", get=EVERYBODY, post=PORTAL),
    Line(_PORTAL + "login/", get=EVERYBODY, post=EVERYBODY, get_answers=(200, 302)),
    Line(_PORTAL + "login/code/", get=EVERYBODY, post=EVERYBODY, get_answers=(302,)),
    Line(_PORTAL + "logo", get=EVERYBODY, get_answers=(200, 404)),
)

#: Which row an argument of a rule names: the first line whose rule begins like this one's.
ROWS = (
    ("/platform/resellers/<int:reseller_id>/owners/", "user_id", "waiting"),
    ("/platform/resellers/", "pk", "reseller"),
    ("/platform/providers/", "pk", "provider"),
    ("/platform/users/", "pk", "admin"),
    ("/platform/roles/", "pk", "role"),
    ("/pricebooks/", "pk", "pricebook"),
    ("/settings/charges/", "pk", "plan"),
    ("/settings/charges/defaults/", "assignment_id", "default"),
    ("/settings/custom-fields/", "pk", "field"),
    ("/settings/taxes/", "pk", "tax_rate"),
    ("/settings/exchange-rates/", "pk", "exchange_rate"),
    ("/settings/budgets/", "pk", "budget"),
    ("/settings/users/", "user_id", "console_user"),
    ("/settings/mails/", "mail_id", "mail"),
    ("/settings/email-templates/", "event", "event"),
    ("/settings/email-templates/", "language", "language"),
    ("/settings/approvals/", "request_id", "waiting_request"),
    ("/settings/approvals/", "request_id", "request"),
    ("/platform/operations/<int:request_id>/reject/", "request_id", "other_forwarded_request"),
    ("/platform/operations/", "request_id", "forwarded_request"),
    ("/platform/mails/", "mail_id", "platform_mail"),
    ("/views/", "view_id", "saved_view"),
    ("/views/", "list_key", "list_key"),
    ("/profile/sessions/", "session_id", "session"),
    ("/customers/", "user_id", "customer_user"),
    ("/customers/", "account_id", "account"),
    ("/cloud-accounts/unassigned/", "account_id", "unassigned"),
    ("/customers/", "assignment_id", "assignment"),
    ("/customers/", "credit_id", "credit"),
    ("/customers/", "group_id", "group"),
    ("/customers/", "import_id", "upload"),
    (_USAGE + "piece/", "import_id", "half_uploaded"),
    (_USAGE + "restart/", "import_id", "failed_import"),
    ("/billing/imports/", "import_id", "undecided_import"),
    (_STATEMENT + "generate/", "statement_id", "draft"),
    (_STATEMENT + "issue/", "statement_id", "draft"),
    (_STATEMENT + "discard/", "statement_id", "draft"),
    (_STATEMENT + "lines/", "statement_id", "draft"),
    (_STATEMENT, "position", "position"),
    (_STATEMENT, "kind", "document"),
    ("/reports/billing/", "kind", "table"),
    (_PORTAL + "reports/", "kind", "table"),
    (_PORTAL + "statements/", "kind", "document"),
    ("/billing/statements/", "statement_id", "statement"),
    (_PORTAL + "statements/", "statement_id", "statement"),
    ("/billing/months/", "month", "past_month"),
    ("/billing/months/", "code", "code"),
    ("/jobs/", "job_id", "job"),
    ("/customers/", "customer_id", "customer"),
    ("/customers/", "code", "code"),
    ("/platform/", "reseller_id", "reseller"),
    ("/enter/", "reseller_id", "reseller"),
    ("/providers/", "provider_id", "provider"),
    (_PORTAL + "users/", "user_id", "invited"),
    (_ASK + "provider/", "code", "other_code"),
    (_ASK, "code", "code"),
    (_ASK, "request_id", "request"),
    (_ASK, "account_id", "account"),
    ("/portal/", "nickname", "nickname"),
    ("/portal/", "provider_id", "provider"),
    ("/portal/", "token", "validation_token"),
    ("/settings/terms/", "version_id", "terms_version"),
    ("/invitation/", "token", "token"),
    ("/password/", "token", "reset_token"),
    ("/static/appbuilder/", "filename", "vendored"),
    ("/static/", "filename", "file"),
)

#: Rows of one reseller: to everybody else they do not exist.
OWNED = {
    "customer",
    "statement",
    "draft",
    "unassigned",
    "half_uploaded",
    "failed_import",
    "undecided_import",
    "job",
    "customer_user",
    "account",
    "assignment",
    "credit",
    "group",
    "default",
    "upload",
    "pricebook",
    "plan",
    "field",
    "tax_rate",
    "exchange_rate",
    "budget",
    "console_user",
    "mail",
    "waiting_request",
    "saved_view",
    "invited",
    "request",
    "terms_version",
    "session",
}

#: Rows of one person, each with whose they are: to colleagues they do not exist either.
PERSONAL = {"saved_view": OWNER, "session": OWNER}


def row_of(rule: str, argument: str) -> str:
    """Return the key of the sample row that an argument names, empty where nobody has said it yet."""
    found = (key for start, name, key in ROWS if name == argument and rule.startswith(start))
    return next(found, "")


def is_list(url: str) -> bool:
    """Is a list at this address?"""
    return url.endswith("/list/") or url in LISTS


def is_file(url: str) -> bool:
    """Is there a file to download?"""
    return url.endswith((".csv", ".xlsx"))
