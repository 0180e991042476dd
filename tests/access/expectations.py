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
_USER = _CUSTOMER + "users/<int:user_id>/"
_IMPORT = "/customers/import/<int:import_id>/"
_PORTAL = "/portal/<string:nickname>/"
_CONSOLE_USER = "/settings/users/<int:user_id>/"

LINES = (
    # the door
    Line("/", get=EVERYBODY, get_answers=(302,)),
    Line("/login/", get=EVERYBODY, post=EVERYBODY, get_answers=(200, 302)),
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
    Line("/profile/password/", post=SIGNED_IN),
    # the platform
    Line("/platform/", get=PLATFORM),
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
    Line(_USER + "remove/", post=STAFF),
    Line(_CUSTOMER + "custom-fields/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "providers/", get=STAFF),
    Line(_CUSTOMER + "providers/<string:code>/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "accounts/", get=STAFF),
    Line(_CUSTOMER + "accounts/add/", get=STAFF, post=STAFF),
    Line(_ACCOUNT, get=STAFF, post=STAFF),
    Line(_ACCOUNT + "archive/", post=STAFF),
    Line(_ACCOUNT + "restore/", post=STAFF),
    Line(_CUSTOMER + "charges/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "charges/<int:assignment_id>/remove/", post=STAFF),
    Line(_CUSTOMER + "tax/", get=STAFF, post=STAFF),
    Line(_CUSTOMER + "timeline/", get=STAFF),
    # the own views of lists: whoever has entered a reseller keeps none
    Line("/views/<string:list_key>/add", get=REGULARS, post=REGULARS),
    Line("/views/<int:view_id>/", get=REGULARS, post=REGULARS),
    Line("/views/<int:view_id>/remove/", post=REGULARS),
    Line("/pricebooks/", get=BACK_OFFICE),
    Line("/pricebooks/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/pricebooks/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/pricebooks/delete/<pk>", post=BACK_OFFICE),
    Line("/audit/list/", get=(*BACK_OFFICE, ADMIN)),
    Line("/audit/export.csv", get=(*BACK_OFFICE, ADMIN)),
    # settings of the reseller
    Line("/settings/", get=BACK_OFFICE),
    Line("/settings/account/", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/account/logo", get=BACK_OFFICE, get_answers=(200, 404)),
    Line("/settings/charges/", get=BACK_OFFICE),
    Line("/settings/charges/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/charges/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/charges/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/custom-fields/", get=BACK_OFFICE),
    Line("/settings/custom-fields/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/custom-fields/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/custom-fields/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/taxes/", get=BACK_OFFICE),
    Line("/settings/taxes/add", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/taxes/edit/<pk>", get=BACK_OFFICE, post=BACK_OFFICE),
    Line("/settings/taxes/delete/<pk>", post=BACK_OFFICE),
    Line("/settings/users/", get=OWNERS),
    Line("/settings/users/add", get=OWNERS, post=OWNERS),
    Line("/settings/mails/", get=OWNERS),
    Line("/settings/mails/<int:mail_id>/", get=OWNERS),
    Line("/settings/mails/<int:mail_id>/send/", post=OWNERS),
    Line(_CONSOLE_USER, get=OWNERS, post=OWNERS),
    Line(_CONSOLE_USER + "activate", post=OWNERS),
    Line(_CONSOLE_USER + "invite", post=OWNERS),
    Line(_CONSOLE_USER + "password", post=OWNERS),
    Line(_CONSOLE_USER + "remove", post=OWNERS),
    Line(_CONSOLE_USER + "suspend", post=OWNERS),
    # the portal
    Line(_PORTAL, get=PORTAL),
    Line(_PORTAL + "login/", get=EVERYBODY, post=EVERYBODY, get_answers=(200, 302)),
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
    ("/settings/custom-fields/", "pk", "field"),
    ("/settings/taxes/", "pk", "tax_rate"),
    ("/settings/users/", "user_id", "console_user"),
    ("/settings/mails/", "mail_id", "mail"),
    ("/platform/mails/", "mail_id", "platform_mail"),
    ("/views/", "view_id", "saved_view"),
    ("/views/", "list_key", "list_key"),
    ("/customers/", "user_id", "customer_user"),
    ("/customers/", "account_id", "account"),
    ("/customers/", "assignment_id", "assignment"),
    ("/customers/", "import_id", "upload"),
    ("/customers/", "customer_id", "customer"),
    ("/customers/", "code", "code"),
    ("/platform/", "reseller_id", "reseller"),
    ("/enter/", "reseller_id", "reseller"),
    ("/providers/", "provider_id", "provider"),
    ("/portal/", "nickname", "nickname"),
    ("/invitation/", "token", "token"),
    ("/password/", "token", "reset_token"),
    ("/static/appbuilder/", "filename", "vendored"),
    ("/static/", "filename", "file"),
)

#: Rows of one reseller: to everybody else they do not exist.
OWNED = {
    "customer",
    "customer_user",
    "account",
    "assignment",
    "upload",
    "pricebook",
    "plan",
    "field",
    "tax_rate",
    "console_user",
    "mail",
    "saved_view",
}

#: Rows of one person, each with whose they are: to colleagues they do not exist either.
PERSONAL = {"saved_view": OWNER}


def row_of(rule: str, argument: str) -> str:
    """Return the key of the sample row that an argument names, empty where nobody has said it yet."""
    found = (key for start, name, key in ROWS if name == argument and rule.startswith(start))
    return next(found, "")
