"""What the tests of the portal begin with: the reseller's switches, a person's, a provider's."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import select, update

from app.approvals.models import ApprovalRequest
from app.customers.models import Customer, ProviderEnablement
from app.extensions import db
from app.security.models import User
from app.settings.models import DEFAULTS, StorefrontSettings
from app.tenancy.scope import Actor, reseller_scope, system_scope
from app.terms import services as terms
from app.terms.models import TermsVersion
from tests.worlds import World

HOME = "/portal/north/"
COMPANY = "/portal/north/company/"
USERS = "/portal/north/users/"
ACCOUNTS = "/portal/north/accounts/"
REQUESTS = "/portal/north/accounts/requests/"
DASHBOARD, REPORTS, STATEMENTS = (f"/portal/north/{one}/" for one in ("dashboard", "reports", "statements"))

NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)


def change(app: Any, statement: Any) -> None:
    """Change rows as nobody's form would."""
    with app.app_context(), system_scope("test"):
        db.session.execute(statement)
        db.session.commit()


def set_storefront(app: Any, world: World, **switches: bool) -> None:
    """Let the northern reseller decide about its portal."""
    with app.app_context(), reseller_scope(world.north.id):
        db.session.add(StorefrontSettings(**(DEFAULTS | switches)))
        db.session.commit()


def set_person(app: Any, world: World, **switches: bool) -> None:
    """Let the northern reseller decide about its customer's person."""
    change(app, update(User).where(User.id == world.north.customer_user.id).values(**switches))


def set_provider(app: Any, world: World, **values: Any) -> None:
    """Let the northern reseller decide about its customer's provider."""
    change(
        app,
        update(ProviderEnablement)
        .where(ProviderEnablement.customer_id == world.north.customer.id)
        .values(**values),
    )


def reseller_scope_of(world: World) -> Any:
    """Work as the northern reseller's program does, with sight of all of its rows."""
    return reseller_scope(world.north.id, actor=Actor(world.north.ops.id, world.north.ops.name))


def find_customer(world: World) -> Customer:
    """Return the northern customer; inside of ``reseller_scope_of``."""
    return db.session.scalars(select(Customer).where(Customer.id == world.north.customer.id)).one()


def last_request(app: Any) -> ApprovalRequest:
    """Return the newest request there is."""
    with app.app_context(), system_scope("test"):
        found = db.session.scalars(select(ApprovalRequest).order_by(ApprovalRequest.id.desc())).first()
        assert found is not None
        return found


def count_requests(app: Any) -> int:
    """Return how many requests there are."""
    with app.app_context(), system_scope("test"):
        return len(db.session.scalars(select(ApprovalRequest.id)).all())


def publish_terms(app: Any, world: World) -> TermsVersion:
    """Let the northern reseller publish its terms."""
    with app.app_context(), reseller_scope_of(world):
        draft = terms.save_draft({"en": "<p>Play fair.</p>"}, version=0, now=NOW)
        published = terms.publish(draft, default_language="en", now=NOW)
        db.session.commit()
        return published
