"""For every address that writes, one form that is accepted: what people really send."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from app.kernel.clock import utc_now
from app.rating.months import first_day, month_after
from tests.access import logins, tables
from tests.access.actors import ADMIN, ANONYMOUS, CUSTOMER, ENTERED_ADMIN, OWNER
from tests.access.expectations import LINES
from tests.access.pages import Form, Values, read
from tests.access.stage import CSV, Stage
from tests.client import Client
from tests.worlds import PASSWORD

SECRET = "seven green kettles in a row"
#: A month in which an assignment can end, as its form offers it.
LATER = f"{month_after(first_day(utc_now().date()), 3):%Y-%m}"

Change = dict[str, Any] | Callable[[Stage], dict[str, Any]]


@dataclass(frozen=True)
class Sample:
    """A form that ``actor`` fills in and sends to ``rule``.

    ``page`` is the address that shows the form, None where a button sends nothing but its token. ``before`` are rules
    whose samples are sent first. ``row`` names the argument that is the newest row of a table. ``dress`` brings logins
    and the browser into the state in which it can be sent.
    """

    rule: str
    actor: str = OWNER
    change: Change = field(default_factory=dict)
    page: str | None = ""
    before: tuple[str, ...] = ()
    row: tuple[str, str] = ("", "")
    dress: Callable[[Stage, Client], None] | None = None

    def changes(self, stage: Stage) -> dict[str, Any]:
        """Return what is typed and chosen."""
        return self.change(stage) if callable(self.change) else dict(self.change)

    def prepare(self, stage: Stage) -> None:
        """Send what has to come first."""
        for rule in self.before:
            answer = SAMPLES[rule].send(stage)
            assert answer.status_code == 302, f"{rule}, needed before {self.rule}: {answer.status_code}"

    def url(self, stage: Stage) -> str:
        """Return the address it is sent to."""
        argument, table = self.row
        newest = {argument: max(row["id"] for row in tables.rows_of(stage.app, table))} if argument else {}
        return stage.url(self.rule, **newest)

    def form(self, stage: Stage, client: Client) -> Form | None:
        """Return the form as its page shows it to ``client``, None where there is none."""
        if self.page is None:
            return None
        target = self.url(stage)
        shown = client.get(stage.url(self.page) if self.page else target)
        wanted = set(self.changes(stage))
        for form in read(shown).forms:
            goes_to = urlsplit(urljoin(shown.request.path, form.action)).path
            if form.method == "post" and goes_to == target and wanted <= set(form.fields):
                return form
        raise AssertionError(f"{self.rule}: no form with {sorted(wanted)} on {shown.request.path}")

    def filled_in(self, stage: Stage, client: Client) -> tuple[Form | None, Values]:
        """Return the form, and everything the browser sends."""
        if self.dress is not None:
            self.dress(stage, client)
        form = self.form(stage, client)
        return form, (form.values() if form else {}) | self.changes(stage)

    def send(self, stage: Stage, **more: Any) -> Any:
        """Send the form, what has to come first included; ``more`` are fields that the form does not have."""
        self.prepare(stage)
        client = stage.client(self.actor)
        return client.post(self.url(stage), self.filled_in(stage, client)[1] | more)


RULE = {
    "rule_id": "",
    "service": "Amazon EC2",
    "sku": "",
    "region": "",
    "usage_type": "",
    "kind": "percent",
    "value": "-10",
    "first_month": "",
    "last_month": "",
}
BOOK_FILE = b"""<CHBillingRules date="2026-11-01"><RuleGroup><BillingRule name="ten">
<BasicBillingRule billingAdjustment="10" billingRuleType="percentDiscount"/><Product productName="Amazon EC2"/>
</BillingRule></RuleGroup></CHBillingRules>"""


def _file(stage: Stage) -> dict[str, Any]:
    content = CSV.format(canary="second").encode()
    return {"file": (BytesIO(content), "second.csv")}


def _bill(stage: Stage) -> dict[str, Any]:
    return {"file": (BytesIO(b"BilledCost\n1\n"), "bill.csv")}


def _ungranted(stage: Stage) -> dict[str, Any]:
    return {f"provider_{stage.ids['north']['ungranted']}": "y"}


_PORTAL = "/portal/<string:nickname>/"


def _with_factor(key: str) -> Callable[[Stage, Client], None]:
    return lambda stage, _client: _factor(stage, stage.ids["north"][key])


def _locked(key: str) -> Callable[[Stage, Client], None]:
    return lambda stage, _client: logins.lock(stage.app, stage.ids["north"][key])


def _factor(stage: Stage, user_id: int) -> None:
    logins.give_second_factor(stage.app, user_id)


def _half(who: str) -> Callable[[Stage, Client], None]:
    def dress(stage: Stage, client: Client) -> None:
        person = getattr(stage.world.north, who)
        _factor(stage, person.id)
        logins.half_sign_in(client, person.id)

    return dress


def _code(_stage: Stage) -> dict[str, Any]:
    return {"code": logins.code_now()}


def _own_factor(stage: Stage, _client: Client) -> None:
    _factor(stage, stage.world.north.owner.id)


_SECOND = "/profile/second-factor/"
_CUSTOMER = "/customers/<int:customer_id>/"
_ACCOUNT = _CUSTOMER + "accounts/<int:account_id>/"
_UNASSIGNED = "/cloud-accounts/unassigned/<int:account_id>/"
_STATEMENT = "/billing/statements/<int:statement_id>/"
_USAGE = "/billing/imports/<int:import_id>/"
_MONTH = "/billing/months/<string:month>/<string:code>/"
_USER = _CUSTOMER + "users/<int:user_id>/"
_CONSOLE_USER = "/settings/users/<int:user_id>/"
_PORTAL = "/portal/<string:nickname>/"
_ASK = _PORTAL + "accounts/requests/"

_TEMPLATE = "/settings/email-templates/<string:event>/"
_REQUEST = "/settings/approvals/<int:request_id>/"
_OPERATION = "/platform/operations/<int:request_id>/"

_NEW_PERSON = {"name": "Nora Newcomer", "email": "nora@example.com"}

_ALL = (
    Sample(
        "/login/",
        ANONYMOUS,
        lambda stage: {"username": stage.world.north.ops.email, "password": PASSWORD},
    ),
    Sample(
        "/portal/<string:nickname>/login/",
        ANONYMOUS,
        lambda stage: {"username": stage.world.north.customer_user.email, "password": PASSWORD},
    ),
    Sample(
        _PORTAL + "password/forgotten/",
        ANONYMOUS,
        lambda stage: {"email": stage.world.north.customer_user.email},
    ),
    Sample(
        _PORTAL + "signup/",
        ANONYMOUS,
        {
            "organization": "Castellan Legal LLP",
            "contact_name": "Ruth Castellan",
            "email": "ruth@castellan.example",
            "street": "Quay 4",
            "postal_code": "EC1",
            "city": "London",
            "country": "GB",
            "password": SECRET,
        },
    ),
    Sample(_PORTAL + "validate/<string:token>/", ANONYMOUS, {"password": PASSWORD}),
    Sample(_PORTAL + "validate/", ANONYMOUS, {"email": "applicant@applyingnorthcanary.example"}),
    Sample(_PORTAL + "terms/", CUSTOMER),
    Sample("/login/code/", ANONYMOUS, _code, page=None, dress=_half("ops")),
    Sample(
        "/portal/<string:nickname>/login/code/", ANONYMOUS, _code, page=None, dress=_half("customer_user")
    ),
    Sample("/logout/", page=None),
    Sample("/invitation/<string:token>/", ANONYMOUS, {"password": SECRET, "repeated": SECRET}),
    Sample("/password/forgotten/", ANONYMOUS, lambda stage: {"email": stage.world.north.ops.email}),
    Sample("/password/reset/<string:token>/", ANONYMOUS, {"password": SECRET, "repeated": SECRET}),
    Sample("/language/", change={"locale": "de"}, page=None),
    Sample("/profile/", change={"name": "Olga Renamed"}),
    Sample(
        "/profile/password/",
        change={"current": PASSWORD, "password": SECRET, "repeated": SECRET},
    ),
    Sample(_SECOND + "begin/", change={"current": PASSWORD}, page=_SECOND),
    Sample(
        _SECOND + "set-up/",
        change=_code,
        page=None,
        dress=lambda stage, client: logins.begin_set_up(stage.app, client, stage.world.north.owner.id),
    ),
    Sample(_SECOND + "codes/", change={"codes-current": PASSWORD}, page=None, dress=_own_factor),
    Sample(
        _SECOND + "off/",
        change=lambda stage: {"off-current": PASSWORD, "off-code": logins.code_now()},
        page=None,
        dress=_own_factor,
    ),
    Sample("/profile/sessions/<int:session_id>/end/", page=None),
    Sample("/profile/sessions/end-others/", page=None),
    # the platform
    Sample(
        "/platform/resellers/add",
        ADMIN,
        {
            "name": "East Cloud",
            "nickname": "east",
            "operations_email": "ops@east.example",
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
            "language_codes": "en",
            "default_language": "en",
            "owner_name": "Erna East",
            "owner_email": "erna@east.example",
        },
    ),
    Sample("/platform/resellers/edit/<pk>", ADMIN, {"name": "North renamed"}),
    Sample(
        "/platform/resellers/<int:reseller_id>/providers/",
        ADMIN,
        _ungranted,
        page="/platform/resellers/show/<pk>",
    ),
    Sample("/platform/resellers/<int:reseller_id>/owners/<int:user_id>/invitation/", ADMIN, page=None),
    Sample(
        "/platform/providers/add",
        ADMIN,
        {
            "name": "Hetzner",
            "code": "hetzner",
            "account_label": "Project",
            "account_pattern": "[a-z]{3,9}",
            "account_example": "myproj",
            "services": "Compute",
            "position": "50",
        },
    ),
    Sample("/platform/providers/edit/<pk>", ADMIN, {"name": "Amazon Web Services renamed"}),
    Sample("/platform/users/add", ADMIN, _NEW_PERSON),
    Sample("/platform/users/edit/<pk>", ADMIN, {"name": "Bea Renamed"}),
    Sample("/platform/users/delete/<pk>", ADMIN, page=None),
    Sample("/platform/users/invite/<pk>", ADMIN, page=None),
    Sample("/platform/users/suspend/<pk>", ADMIN, page=None),
    Sample("/platform/users/unlock/<pk>", ADMIN, page=None, dress=_locked("admin")),
    Sample("/platform/users/sign-out/<pk>", ADMIN, page=None),
    Sample("/platform/users/reset-second-factor/<pk>", ADMIN, page=None, dress=_with_factor("admin")),
    Sample("/platform/users/activate/<pk>", ADMIN, page=None, before=("/platform/users/suspend/<pk>",)),
    Sample("/platform/password-requirements/", ADMIN, {"minimum_length": "16"}),
    Sample(
        "/enter/<int:reseller_id>/",
        ADMIN,
        {"reason": "they asked for help"},
        page="/platform/resellers/show/<pk>",
    ),
    Sample("/enter/leave/", ENTERED_ADMIN, page=None),
    Sample(_OPERATION + "take/", ADMIN, page=None),
    Sample(_OPERATION + "complete/", ADMIN, {"account_id": "444455556666"}, page=_OPERATION),
    Sample(_OPERATION + "reject/", ADMIN, {"reason": "the address is in use"}),
    # customers
    Sample(
        "/customers/add",
        change={
            "organization": "Brand New AG",
            "contact_name": "Bo Brand",
            "email": "bo@brand.example",
            "country": "CH",
        },
    ),
    Sample("/customers/archive", change=lambda stage: {"rowid": stage.ids["north"]["customer"]}, page=None),
    Sample(
        "/customers/restore",
        change=lambda stage: {"rowid": stage.ids["north"]["customer"]},
        page=None,
        before=("/customers/archive",),
    ),
    Sample("/customers/import/", change=_file),
    Sample("/customers/import/<int:import_id>/apply/", page=None),
    Sample(_CUSTOMER, change={"contact_name": "Someone Else"}),
    Sample(_CUSTOMER + "archive/", page=None),
    Sample(_CUSTOMER + "restore/", page=None, before=(_CUSTOMER + "archive/",)),
    Sample(_CUSTOMER + "delete/", page=None, before=("/customers/add",), row=("customer_id", "customers")),
    Sample(_CUSTOMER + "users/add/", change=_NEW_PERSON),
    Sample(_USER, change={"name": "Uma Renamed"}),
    Sample(_USER + "invite/", page=None),
    Sample(_USER + "unlock/", page=None, dress=_locked("customer_user")),
    Sample(_USER + "sign-out/", page=None),
    Sample(_USER + "reset-second-factor/", page=None, dress=_with_factor("customer_user")),
    Sample(_USER + "remove/", page=None),
    Sample(_USER + "anonymise/", change=lambda stage: {"typed": stage.world.north.customer_user.email}),
    Sample(_CUSTOMER + "custom-fields/", change={"cf_field_northcanary": "another value"}),
    Sample(_CUSTOMER + "providers/<string:code>/", change={"pass_savings_plans": "y"}),
    Sample(
        _CUSTOMER + "accounts/add/",
        change=lambda stage: {
            "provider_id": stage.ids["north"]["provider"],
            "account_id": "999988887777",
            "name": "new account",
        },
    ),
    Sample(_ACCOUNT, change={"name": "renamed account"}),
    Sample(_ACCOUNT + "archive/", page=None),
    Sample(_ACCOUNT + "restore/", page=None, before=(_ACCOUNT + "archive/",)),
    Sample(
        _ACCOUNT + "move/",
        change=lambda stage: {
            "customer": str(stage.world.north.other_customer.name),
            "from_day": "2026-11-02",
            "reason": "it was theirs",
        },
    ),
    Sample(
        _ACCOUNT + "delete/",
        page=None,
        before=(_CUSTOMER + "accounts/add/",),
        row=("account_id", "cloud_accounts"),
    ),
    Sample(
        "/cloud-accounts/unassigned/assign/",
        page=None,
        change=lambda stage: {
            "rowid": stage.ids["north"]["unassigned"],
            "customer": stage.world.north.customer.name,
            "since": "beginning",
            "from_day": "",
            "reason": "",
        },
    ),
    Sample(_UNASSIGNED + "archive/", page=None),
    Sample(_UNASSIGNED + "restore/", page=None, before=(_UNASSIGNED + "archive/",)),
    Sample("/billing/imports/upload/", change=_bill),
    Sample(
        "/billing/imports/begin/",
        page=None,
        change={"file_name": "cur.csv", "size": "12", "provider": "", "month": "", "source": ""},
    ),
    Sample(
        _USAGE + "piece/", page=None, change=lambda _stage: {"at": "0", "piece": (BytesIO(b"abc"), "piece")}
    ),
    Sample(_USAGE + "accept/", page=_USAGE),
    Sample(_USAGE + "dismiss/", page=None),
    Sample(_USAGE + "restart/", page=None),
    Sample(
        "/billing/statements/generate/",
        page=None,
        change=lambda stage: {
            "month": "2026-09",
            "which": "chosen",
            "provider": "",
            "customer": stage.ids["north"]["customer"],
        },
    ),
    Sample("/billing/statements/issue/", page=None, change={"month": "2026-09", "all": "1"}),
    Sample(_STATEMENT + "generate/", page=None),
    Sample(_STATEMENT + "issue/", page=None),
    Sample(_STATEMENT + "discard/", page=None),
    Sample(_STATEMENT + "paid/", change={"paid_on": "2026-11-01"}),
    Sample(_STATEMENT + "reopen/", page=None, before=(_STATEMENT + "paid/",)),
    Sample(_STATEMENT + "void/", change={"reason": "wrong book"}),
    Sample(_STATEMENT + "credit/", change={"amount": "1.00", "text": "for the outage"}),
    Sample(_STATEMENT + "missing/", change={"amount": "1.00", "text": "late usage"}),
    Sample(_MONTH + "close/", page=None),
    Sample(_MONTH + "open/", page=None, before=(_MONTH + "close/",)),
    Sample(_CUSTOMER + "requests/account/", change={"name": "asked for", "root_email": "root@asked.example"}),
    Sample(_CUSTOMER + "requests/removal/<int:account_id>/", change={"reason": "it moved away"}),
    Sample(_CUSTOMER + "charges/", change={"what": "adjust", "percent": "5"}),
    Sample(
        _CUSTOMER + "charges/add/",
        change=lambda stage: {
            "plan_id": stage.ids["north"]["plan"],
            "level": "account",
            "account_ids": [str(stage.ids["north"]["account"])],
        },
    ),
    Sample(_CUSTOMER + "charges/<int:assignment_id>/", change={"last_month": LATER}),
    Sample(_CUSTOMER + "what-if/adjustment/", page=None, change={"percent": "5"}),
    Sample(_CUSTOMER + "what-if/provider/<string:code>/", page=None, change={"pricebook_id": ""}),
    Sample(
        _CUSTOMER + "what-if/plan/",
        page=None,
        change=lambda stage: {"plan_id": stage.ids["north"]["plan"]},
    ),
    Sample(_CUSTOMER + "charges/<int:assignment_id>/remove/", page=None),
    Sample(_CUSTOMER + "credits/add/", change={"amount": "12.50", "comment": "for the outage"}),
    Sample(_CUSTOMER + "credits/<int:credit_id>/reverse/", change={"amount": "1", "reason": "too much"}),
    Sample(_CUSTOMER + "groups/add/", change={"name": "Production"}),
    Sample(_CUSTOMER + "groups/<int:group_id>/", change={"name": "Group renamed"}),
    Sample(_CUSTOMER + "groups/<int:group_id>/delete/", page=None),
    Sample(_CUSTOMER + "tax/", change={"is_taxable": ""}),
    # the own views of lists
    Sample("/views/<string:list_key>/add", change={"name": "Mine"}),
    Sample("/views/<int:view_id>/", change={"name": "Renamed"}),
    Sample("/views/<int:view_id>/remove/", page=None),
    Sample("/dashboard/default/", page=None),
    # settings
    Sample(
        "/pricebooks/add",
        change=lambda stage: {
            "provider_id": stage.ids["north"]["provider"],
            "name": "Second book",
            "adjustment_percent": "-3",
        },
    ),
    Sample(
        "/pricebooks/import/",
        change=lambda stage: {
            "provider_id": str(stage.ids["north"]["provider"]),
            "name": "Book from a file",
            "content": b64encode(BOOK_FILE).decode(),
        },
    ),
    Sample("/pricebooks/<int:pk>/", change=RULE),
    Sample(
        "/pricebooks/<int:pk>/what-if/",
        page=None,
        change={"adjustment_percent": "-3", "match_mode": "most_specific"},
    ),
    Sample("/pricebooks/<int:pk>/duplicate/", change={"name": "Book twice"}),
    Sample(
        "/pricebooks/<int:pk>/import/",
        change={"content": b64encode(b"service,kind,value\nAmazon S3,percent,-3\n").decode()},
    ),
    Sample("/pricebooks/edit/<pk>", change={"name": "Book renamed"}),
    Sample("/pricebooks/delete/<pk>", page=None, before=("/pricebooks/add",), row=("pk", "pricebooks")),
    Sample("/settings/signup/", change={"signup_text": "Tell us who you are."}),
    Sample("/settings/portal/", change={"shows_catalog": "y"}),
    Sample("/settings/terms/draft/", change={"text_en": "Be nice to each other."}),
    Sample("/settings/terms/draft/discard/", page=None),
    Sample(_REQUEST + "approve/", page=None),
    Sample(_REQUEST + "decline/", change={"reason": "not now"}),
    Sample("/settings/invoices/", change={"credits_lower_tax_base": ""}),
    Sample("/settings/account/", change={"legal_name": "North Cloud Holding"}),
    Sample("/settings/password-requirements/", change={"minimum_length": "16"}),
    Sample(
        "/settings/charges/add",
        change=lambda stage: {
            "provider_id": stage.ids["north"]["provider"],
            "name": "Second plan",
            "percent": "3",
        },
    ),
    Sample("/settings/charges/edit/<pk>", change={"name": "Plan renamed"}),
    Sample(
        "/settings/charges/delete/<pk>",
        page=None,
        before=("/settings/charges/add",),
        row=("pk", "charge_plans"),
    ),
    Sample(
        "/settings/charges/defaults/",
        change=lambda stage: {"plan_id": max(row["id"] for row in tables.rows_of(stage.app, "charge_plans"))},
        before=("/settings/charges/add",),
    ),
    Sample("/settings/charges/defaults/<int:assignment_id>/", change={"last_month": LATER}),
    Sample("/settings/charges/defaults/<int:assignment_id>/remove/", page=None),
    Sample("/settings/custom-fields/add", change={"name": "second_field", "label": "Second field"}),
    Sample("/settings/custom-fields/edit/<pk>", change={"label": "Field renamed"}),
    Sample(
        "/settings/custom-fields/delete/<pk>",
        page=None,
        before=("/settings/custom-fields/add",),
        row=("pk", "custom_field_definitions"),
    ),
    Sample("/settings/taxes/add", change={"name": "Second VAT", "percent": "7", "country": "DE"}),
    Sample("/settings/taxes/edit/<pk>", change={"name": "VAT renamed"}),
    Sample(
        "/settings/taxes/delete/<pk>", page=None, before=("/settings/taxes/add",), row=("pk", "tax_rates")
    ),
    Sample(
        "/settings/exchange-rates/add", change={"from_currency": "GBP", "to_currency": "EUR", "rate": "1.15"}
    ),
    Sample("/settings/exchange-rates/edit/<pk>", change={"rate": "0.93"}),
    Sample("/settings/exchange-rates/copy", page=None, change={"month": "2026-01"}),
    Sample("/settings/exchange-rates/delete/<pk>", page=None),
    Sample(
        "/settings/budgets/add",
        change={
            "name": "Everything",
            "amount": "5000",
            "currency": "EUR",
            "base": "customer",
            "period": "monthly",
            "thresholds_text": "80 %, 100 %",
        },
    ),
    Sample("/settings/budgets/edit/<pk>", change={"amount": "6000"}),
    Sample("/settings/budgets/delete/<pk>", page=None),
    Sample("/settings/users/add", change=_NEW_PERSON | {"role": "Reseller Sales"}),
    Sample(_TEMPLATE, change=lambda stage: {"send_to": "desk@north.example"}),
    Sample(_TEMPLATE + "<string:language>/", change={"subject": "Somebody signed up"}),
    Sample(
        _TEMPLATE + "<string:language>/default/",
        change=lambda stage: {
            "opened": stage.client(OWNER).opened(stage.url(_TEMPLATE + "<string:language>/"))
        },
        page=None,
        before=(_TEMPLATE + "<string:language>/",),
    ),
    Sample("/settings/mails/<int:mail_id>/send/", page=None),
    Sample("/platform/mails/<int:mail_id>/send/", ADMIN, page=None),
    Sample(_CONSOLE_USER, change={"name": "Sam Renamed"}),
    Sample(_CONSOLE_USER + "suspend", page=None),
    Sample(_CONSOLE_USER + "unlock", page=None, dress=_locked("console_user")),
    Sample(_CONSOLE_USER + "sign-out", page=None),
    Sample(_CONSOLE_USER + "reset-second-factor", page=None, dress=_with_factor("console_user")),
    Sample(_CONSOLE_USER + "activate", page=None, before=(_CONSOLE_USER + "suspend",)),
    Sample(_CONSOLE_USER + "invite", page=None),
    Sample(_CONSOLE_USER + "password", change={"password": SECRET}, page=_CONSOLE_USER),
    Sample(_CONSOLE_USER + "remove", page=None),
    # the portal
    Sample(
        _PORTAL + "company/",
        CUSTOMER,
        {"contact_name": "Someone Else", "street": "Am Kai 1", "postal_code": "20457", "city": "Hamburg"},
    ),
    Sample(_PORTAL + "dashboard/default/", CUSTOMER, page=None),
    Sample(_PORTAL + "users/invite/", CUSTOMER, _NEW_PERSON),
    Sample(_PORTAL + "users/<int:user_id>/invite/", CUSTOMER, page=None),
    Sample(_PORTAL + "users/<int:user_id>/withdraw/", CUSTOMER, page=None),
    Sample(_ASK + "account/<string:code>/", CUSTOMER, {"root_email": "new.root@example.com", "name": "more"}),
    Sample(_ASK + "link/<string:code>/", CUSTOMER, {"account_id": "999988887777", "name": "ours"}),
    Sample(_ASK + "provider/<string:code>/", CUSTOMER, {"remark": "for the archive"}),
    Sample(_ASK + "removal/<int:account_id>/", CUSTOMER, {"reason": "the project has ended"}),
)

SAMPLES = {one.rule: one for one in _ALL}

#: Every rule that takes a POST.
WRITING = tuple(line.rule for line in LINES if line.post is not None)
