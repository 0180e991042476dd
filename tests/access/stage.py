"""The world, furnished with the rows that only some addresses need, and the way from a rule to an address."""

from __future__ import annotations

import datetime
import time
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import select, update
from werkzeug.routing import Rule

from app.approvals.requests import request_account
from app.charges.assignments import assign_plan
from app.charges.models import ChargeAssignment
from app.cloud_accounts.groups import add_group
from app.cloud_accounts.models import CloudAccount
from app.cloud_accounts.services import note_accounts
from app.credits import services as credits
from app.custom_fields.services import create_field
from app.customers import imports
from app.customers.models import Customer
from app.customers.users import add_user
from app.extensions import db
from app.jobs.models import JobState
from app.jobs.work import enqueue
from app.notifications import outbox
from app.notifications.models import MailState, OutgoingMail
from app.portal.signals import email_validation_asked
from app.portal.signup.services import Entered, sign_up
from app.providers.models import Provider
from app.reports import budgets
from app.saved_views import services as saved_views
from app.security import accounts, sessions
from app.security.login_models import LoginSession
from app.security.models import Role, UserStatus
from app.security.roles import RoleName
from app.settings import storefront
from app.statements.models import Kind, State, Statement
from app.statements.services.drafts import draft_statement
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, reseller_scope, system_scope
from app.terms import services as terms
from app.usage import services as usage
from app.usage.models import ImportState, Origin
from tests.access import tables
from tests.access.actors import client_of
from tests.access.expectations import OWNED, row_of
from tests.client import Client
from tests.conftest import WORLD, Database
from tests.statements import world as bill
from tests.worlds import EPOCH, PASSWORD, find_world

CSV = "Organization;Contact name;Email;Country\nImported {canary} AG;Ida {canary};ida@{canary}.example;DE\n"


#: The template that a furnished world is kept as, and for how many seconds: the links in it work for an hour.
STAGE = "stage"
KEPT_FOR = 1800


class Stage:
    """One application on one database, put back when a test asks for it."""

    def __init__(self, app: Any, database: Database) -> None:
        self.app, self.database = app, database
        self.ids: dict[str, dict[str, Any]] = {}
        self.token = self.reset_token = ""
        self._counted: tuple[int, dict[str, int]] = (-1, {})
        self.furnish()

    # -- rows ------------------------------------------------------------------------------------------------------

    def furnish(self) -> None:
        """Add imports, saved views, requests, mailed links, and who has not come yet: an Owner, a second admin,
        a customer's colleague.
        """
        with self.app.app_context():
            self.database.bring(WORLD)
        self.world, self.furnished_at = find_world(self.app), time.monotonic()
        with self.app.test_request_context(), system_scope("tests furnish their world"):
            second = accounts.create_user(
                name="Bea Admin",
                email="bea@platform.example",
                role=RoleName.PLATFORM_ADMIN,
                reseller_id=None,
            )
            self.token = accounts.invite(second, now=_now())
            self.reset_token = _forgotten(self.world.north.sales.email)
            common = {
                "provider": db.session.scalars(select(Provider.id).where(Provider.code == "aws")).one(),
                "other_provider": db.session.scalars(
                    select(Provider.id).where(Provider.code == "azure")
                ).one(),
                "ungranted": db.session.scalars(select(Provider.id).where(Provider.code == "google")).one(),
                "code": "aws",
                "position": 1,
                "document": "csv",
                "table": "csv",
                "past_month": "2026-09",
                "other_code": "azure",
                "list_key": "customers",
                "event": "signup_needs_approval",
                "language": "en",
                "token": self.token,
                "reset_token": self.reset_token,
                "file": "shell/app.css",
                "vendored": "css/bootstrap.min.css",
                "role": db.session.scalars(select(Role.id).where(Role.name == RoleName.OPS.value)).one(),
                "admin": second.id,
                "platform_mail": _given_up("platform", None),
            }
            for name in ("north", "south"):
                self.ids[name] = common | self._furnish_side(name)
            db.session.commit()
            self.database.seal(STAGE)
        self.contents, self.rows = tables.contents(self.app), tables.dump(self.app)

    def _furnish_side(self, name: str) -> dict[str, Any]:
        side = getattr(self.world, name)
        canary = f"{name}canary"
        waiting = accounts.create_user(
            name=f"Waiting {canary}",
            email=f"waiting@{canary}.example",
            role=RoleName.OWNER,
            reseller_id=side.id,
        )
        accounts.invite(waiting, now=_now())
        sessions.start(waiting, now=_now(), address="", browser="")
        content = CSV.format(canary=canary).encode()
        with reseller_scope(side.id, actor=Actor(name=f"Setup {canary}")):
            checked = imports.read_file(content, imports.file_columns())
            upload = imports.keep(f"import {canary}.csv", content, checked, now=EPOCH)
            assigned = db.session.scalars(
                select(ChargeAssignment.id).order_by(ChargeAssignment.customer_id)
            ).all()
            credit, other_credit = (
                _credit(customer, canary) for customer in (side.customer, side.other_customer)
            )
            default = assign_plan(None, side.plan.id)[0].id
            group_ids = [
                add_group(
                    db.session.get(Customer, row.id),
                    db.session.scalars(select(Provider).where(Provider.code == "aws")).one(),
                    name=f"Group {row.name}",
                ).id
                for row in (side.customer, side.other_customer)
            ]
            published = _terms(canary)
            unassigned = _accounts(side, canary)
            usage = _usage(canary)
            billed = _statements(side, canary) | {"budget": _budget(canary)}
            _storefront(canary)
        portal = {
            f"{prefix}{key}": row_id
            for prefix, customer in (("", side.customer), ("other_", side.other_customer))
            for key, row_id in _furnish_portal(side, customer, canary).items()
        }
        token = _signed_up(side, canary)
        waiting_request, forwarded_request, other_forwarded_request = self._furnish_requests(side, canary)
        views = {}
        for key, person in (("saved_view", side.owner), ("other_saved_view", waiting)):
            with reseller_scope(side.id, actor=Actor(person.id, f"Setup {canary}")):
                view = saved_views.save_view(
                    list_key="customers", name=f"View {canary}", arguments="status=pending"
                )
                views[key] = view.id
        return {
            "reseller": side.id,
            "nickname": side.nickname,
            "waiting": waiting.id,
            "mail": _given_up(canary, side.id),
            "terms_version": published,
            "validation_token": token,
            "upload": upload.id,
            "waiting_request": waiting_request,
            "forwarded_request": forwarded_request,
            "other_forwarded_request": other_forwarded_request,
            "unassigned": unassigned,
            "assignment": assigned[0],
            "other_assignment": assigned[1],
            "credit": credit,
            "other_credit": other_credit,
            "default": default,
            "group": group_ids[0],
            "other_group": group_ids[1],
            "session": _session_of(side.owner),
            "other_session": _session_of(waiting),
            "owner": side.owner.id,
            "console_user": side.sales.id,
            "customer_user": side.customer_user.id,
            "other_customer_user": side.other_user.id,
            **{key: row.id for key, row in side.rows.items()},
            **views,
            **portal,
            **usage,
            **billed,
        }

    @staticmethod
    def _furnish_requests(side: Any, canary: str) -> list[int]:
        """Let a customer ask for an account, and the reseller for two more; return the requests' ids.

        The platform reads the reseller's own, so they are under a name that betrays no other row.
        """
        found = []
        rows = {"asked": side.customer, "forwarded": side.other_customer, "rejected": side.other_customer}
        for key, row in rows.items():
            with reseller_scope(side.id, actor=Actor(name=f"Setup {canary}")):
                request = request_account(
                    customer=db.session.get(Customer, row.id),
                    provider=db.session.scalars(select(Provider).where(Provider.code == "aws")).one(),
                    details={"name": f"{key} {canary}", "root_email": f"{key}@{canary}.example"},
                    requester=None,
                    now=EPOCH,
                    is_forwarded=key != "asked",
                )
                if key != "asked":
                    request.from_name = f"Forwarded {canary}"
                    db.session.flush()
                found.append(request.id)
        return found

    def restore(self) -> None:
        """Put the database back, if anything was written to it."""
        if time.monotonic() - self.furnished_at > KEPT_FOR:
            self.furnish()
        with self.app.app_context():
            self.database.bring(STAGE)

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has now: counted anew where anything was written since the last time."""
        if self._counted[0] != self.database.changes:
            self._counted = self.database.changes, tables.counts(self.app)
        return self._counted[1]

    def unchanged(self) -> list[str]:
        """Return the tables that differ from the furnished world: none, if nothing was half-written."""
        if not self.database.is_dirty:
            return []
        found = tables.contents(self.app, self.database.written)
        return tables.changed({name: self.contents[name] for name in found}, found)

    # -- addresses -------------------------------------------------------------------------------------------------

    def client(self, actor: str) -> Client:
        return client_of(self.app, self.world, actor)

    @cached_property
    def rules(self) -> list[Rule]:
        """Every rule of the application."""
        return sorted(self.app.url_map.iter_rules(), key=lambda one: one.rule)

    @cached_property
    def _rules_by_address(self) -> dict[str, Rule]:
        return {one.rule: one for one in reversed(self.rules)}

    def arguments(self, rule: str) -> set[str]:
        """Return the names of the arguments of a rule."""
        return self._rules_by_address[rule].arguments

    def url(self, rule: str, side: str = "north", **instead: Any) -> str:
        """Return the address of a rule with the rows of one side; ``instead`` replaces single arguments."""
        found = self._rules_by_address[rule]
        values = {name: instead.get(name, self.ids[side].get(row_of(rule, name))) for name in found.arguments}
        missing = [name for name, value in values.items() if value is None]
        assert not missing, f"{rule}: no sample row for {missing}; name one in tests/access/expectations.py"
        built = found.build(values, append_unknown=False)
        assert built is not None
        return built[1]

    def owned_arguments(self, rule: str) -> list[str]:
        """Return the arguments of a rule that name a row of one reseller."""
        return sorted(name for name in self.arguments(rule) if row_of(rule, name) in OWNED)


def _terms(canary: str) -> int:
    """Publish terms, leave a draft of the next version behind; return the published one's id."""
    for text in ("Terms", "Draft"):
        draft = terms.save_draft({"en": f"{text} {canary}"}, version=0, now=EPOCH)
        if text == "Terms":
            published = terms.publish(draft, default_language="en", now=EPOCH)
    return published.id


def _credit(customer: Any, canary: str) -> int:
    """Grant a credit; return its id."""
    values = {"amount": Decimal(100), "currency": "EUR", "comment": f"credit {canary}", "first_month": None}
    return credits.grant_credit(db.session.get(Customer, customer.id), values, now=EPOCH).id


def _accounts(side: Any, canary: str) -> int:
    """Let a bill name an account that is nobody's yet; return its id. The others have a value of an account field."""
    definition = create_field(
        {
            "target": "cloud_account",
            "name": f"inner_{canary}",
            "label": f"Inner {canary}",
            "type": "text",
            "choices": [],
            "position": 10,
            "is_required": False,
            "in_billing_reports": True,
            "is_retired": False,
        }
    )
    for row in (side.account, side.other_account):
        db.session.get(CloudAccount, row.id).custom_values = {definition.name: f"inner {canary}"}
    aws = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
    number = f"{900_000_000_000 + side.id}"
    return note_accounts(aws, {number: f"nobody {canary}"}, now=EPOCH)[number].id


def _usage(canary: str) -> dict[str, int]:
    """Leave a bill that is half uploaded, one that asks something, and one that failed; return their ids."""
    states = {
        "half_uploaded": ImportState.UPLOADING,
        "undecided_import": ImportState.NEEDS_DECISION,
        "failed_import": ImportState.FAILED,
    }
    found = {}
    for key, state in states.items():
        one = usage.new_import(
            file_name=f"{key} {canary}.csv", kept_name=f"{key}.csv", size=100, origin=Origin.UPLOAD, now=EPOCH
        )
        one.state = state
        if state is not ImportState.UPLOADING:
            one.job = enqueue(usage.JOB_KIND, one.id, now=EPOCH)
            one.job.state = JobState.DONE
        if state is ImportState.NEEDS_DECISION:
            one.report = {"questions": [{"question": "rejected_rows", "about": [{"rows": 1}]}]}
            one.report["rejected"] = [["", 2, "BilledCost", f"cell {canary}", "not_a_number"]]
            one.row_count, one.rejected_count = 1, 1
            db.session.flush()
            found["job"] = one.job.id
        db.session.flush()
        found[key] = one.id
    return found


def _budget(canary: str) -> int:
    """Set a budget; return its id."""
    values = {
        "name": f"Budget {canary}", "amount": Decimal(1000), "currency": "EUR", "base": "customer",
        "period": "monthly", "thresholds_text": "80 %", "recipients_text": f"desk@{canary}.example",
    }  # fmt: skip
    return budgets.create_budget(values, today=EPOCH.date()).id


def _statements(side: Any, canary: str) -> dict[str, int]:
    """Bill September to both customers: a draft, and fees that are issued; return their ids. No month is locked."""
    month = datetime.date(2026, 9, 1)
    customers = [db.session.get_one(Customer, row.id) for row in (side.customer, side.other_customer)]
    bill.deliver(
        [bill.usage(bill.account_of(one).account_id, f"Service {canary}", "100") for one in customers],
        month,
        source=f"source {canary}",
    )
    found = {}
    for prefix, customer in zip(("", "other_"), customers, strict=True):
        draft = draft_statement(customer, month, now=EPOCH)
        assert draft is not None
        values = {
            column.key: getattr(draft, column.key)
            for column in Statement.__table__.columns
            if column.key not in ("id", "version")
        }
        issued = {"number": f"N-{canary}-{customer.id}", "state": State.OPEN, "issued_at": EPOCH}
        # What a plan and a tax are called, a customer does read on its statement; here it would look like a betrayal.
        paper = {**draft.paper, "charges": [], "taxes": [], "header_fields": []}
        own = {"kind": Kind.FEES, "live_key": f"fees of {customer.id}", "due_on": month, "paper": paper}
        fees = Statement(**values | issued | own)
        db.session.add(fees)
        db.session.flush()
        found |= {f"{prefix}draft": draft.id, f"{prefix}statement": fees.id}
    return found


def _storefront(canary: str) -> None:
    """Say something of its own on the storefront. Customers' people have not accepted the terms, and need not."""
    settings = storefront.hold_settings()
    settings.signup_text, settings.requires_terms = f"<p>Apply at {canary}</p>", False
    db.session.flush()


def _signed_up(side: Any, canary: str) -> str:
    """Let somebody sign up who has not proven the address yet; return the secret of the link."""
    secrets: list[str] = []

    def note(_user: Any, *, token: str, **_rest: Any) -> None:
        secrets.append(token)

    values = {
        "organization": f"Applying {canary}",
        "contact_name": f"Applicant {canary}",
        "email": f"applicant@applying{canary}.example",
        "street": "Kai 1",
        "postal_code": "20457",
        "city": "Hamburg",
        "country": "DE",
    }
    with email_validation_asked.connected_to(note), reseller_scope(side.id):
        sign_up(
            reseller=db.session.get(Reseller, side.id),
            entered=Entered(values, PASSWORD, "en"),
            browser="another browser",
            address="127.0.0.1",
            now=_now(),
        )
    return secrets[0]


def _session_of(person: Any) -> int:
    """Return the last of the browsers in which somebody is signed in from the start."""
    query = select(LoginSession.id).where(LoginSession.user_id == person.id)
    return max(db.session.scalars(query))


def _forgotten(email: str) -> str:
    """Return the secret of the link that is mailed to whoever forgot the password."""
    accounts.forget_password(email, now=_now())
    query = select(OutgoingMail.text).where(
        OutgoingMail.event == "password_reset", OutgoingMail.recipient == email
    )
    return db.session.scalars(query).one().partition("/password/reset/")[2].partition("/")[0]


def _furnish_portal(side: Any, customer: Any, canary: str) -> dict[str, int]:
    """Let a customer ask for accounts of its provider; add a request and a colleague who has not come yet."""
    with reseller_scope(side.id, actor=Actor(name=f"Setup {canary}")):
        row = db.session.scalars(select(Customer).where(Customer.id == customer.id)).one()
        [enablement] = row.enablements
        enablement.may_request_accounts = True
        word = row.organization.partition(" ")[0].lower()
        colleague, _token = add_user(
            row,
            name=f"Invited {word} {canary}",
            email=f"invited.{word}@{canary}.example",
            status=UserStatus.ACTIVE,
            password=None,
            now=_now(),
        )
        request = request_account(
            customer=row,
            provider=enablement.provider,
            details={"name": f"wanted {word} {canary}", "root_email": f"root.{word}@{canary}.example"},
            requester=None,
            now=EPOCH,
        )
        db.session.flush()
        return {"invited": colleague.id, "request": request.id}


def _given_up(canary: str, reseller_id: int | None) -> int:
    """Write a mail that nobody will send unless told to; return its id."""
    mail_id = outbox.put(
        event="test",
        recipient=f"mail@{canary}.example",
        subject=f"Mail {canary}",
        text=f"Text {canary}",
        reseller_id=reseller_id,
        now=EPOCH,
    )
    assert mail_id is not None
    db.session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id == mail_id)
        .values(state=MailState.FAILED, message_id=canary)
    )
    return mail_id


def _now() -> Any:
    from app.kernel.clock import utc_now

    return utc_now()
