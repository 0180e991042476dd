"""The world, furnished with the rows that only some addresses need, and the way from a rule to an address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, update
from werkzeug.routing import Rule

from app.charges.models import ChargeAssignment
from app.customers import imports
from app.extensions import db
from app.notifications import outbox
from app.notifications.models import MailState, OutgoingMail
from app.providers.models import Provider
from app.saved_views import services as saved_views
from app.security import accounts
from app.security.models import Role
from app.security.roles import RoleName
from app.tenancy.scope import Actor, reseller_scope, system_scope
from tests.access import tables
from tests.access.actors import client_of
from tests.access.expectations import OWNED, row_of
from tests.client import Client
from tests.worlds import EPOCH, World

CSV = "Organization;Contact name;Email;Country\nImported {canary} AG;Ida {canary};ida@{canary}.example;DE\n"


class Stage:
    """One application on one database, put back when a test asks for it."""

    def __init__(self, app: Any, world: World, database: Any) -> None:
        self.app, self.world, self.database = app, world, database
        self.ids: dict[str, dict[str, Any]] = {}
        self.token = self.reset_token = ""
        self.furnish()

    # -- rows ------------------------------------------------------------------------------------------------------

    def furnish(self) -> None:
        """Add imports, saved views, links that were mailed, and two who have not come yet: an Owner, a second admin."""
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
                "list_key": "customers",
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
        self.database.is_dirty = False
        self.counts, self.contents = tables.counts(self.app), tables.contents(self.app)

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
        content = CSV.format(canary=canary).encode()
        with reseller_scope(side.id, actor=Actor(name=f"Setup {canary}")):
            checked = imports.read_file(content, imports.file_columns())
            upload = imports.keep(f"import {canary}.csv", content, checked, now=EPOCH)
            assigned = db.session.scalars(
                select(ChargeAssignment.id).order_by(ChargeAssignment.customer_id)
            ).all()
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
            "upload": upload.id,
            "assignment": assigned[0],
            "other_assignment": assigned[1],
            "owner": side.owner.id,
            "console_user": side.sales.id,
            "customer_user": side.customer_user.id,
            "other_customer_user": side.other_user.id,
            **{key: row.id for key, row in side.rows.items()},
            **views,
        }

    def restore(self) -> None:
        """Put the database back, if anything was written to it."""
        if self.database.is_dirty:
            with self.app.app_context():
                self.database.restore()
            self.furnish()

    def unchanged(self) -> list[str]:
        """Return the tables that differ from the furnished world: none, if nothing was half-written."""
        if not self.database.is_dirty:
            return []
        return tables.changed(self.contents, tables.contents(self.app))

    # -- addresses -------------------------------------------------------------------------------------------------

    def client(self, actor: str) -> Client:
        return client_of(self.app, self.world, actor)

    def rules(self) -> Iterator[Rule]:
        """Yield every rule of the application."""
        yield from sorted(self.app.url_map.iter_rules(), key=lambda one: one.rule)

    def url(self, rule: str, side: str = "north", **instead: Any) -> str:
        """Return the address of a rule with the rows of one side; ``instead`` replaces single arguments."""
        found = next(one for one in self.rules() if one.rule == rule)
        values = {name: instead.get(name, self.ids[side].get(row_of(rule, name))) for name in found.arguments}
        missing = [name for name, value in values.items() if value is None]
        assert not missing, f"{rule}: no sample row for {missing}; name one in tests/access/expectations.py"
        built = found.build(values, append_unknown=False)
        assert built is not None
        return built[1]

    def owned_arguments(self, rule: str) -> list[str]:
        """Return the arguments of a rule that name a row of one reseller."""
        found = next(one for one in self.rules() if one.rule == rule)
        return sorted(name for name in found.arguments if row_of(rule, name) in OWNED)


def _forgotten(email: str) -> str:
    """Return the secret of the link that is mailed to whoever forgot the password."""
    accounts.forget_password(email, now=_now())
    query = select(OutgoingMail.text).where(
        OutgoingMail.event == "password_reset", OutgoingMail.recipient == email
    )
    return db.session.scalars(query).one().partition("/password/reset/")[2].partition("/")[0]


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
