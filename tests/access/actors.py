"""Who stands before the doors."""

from __future__ import annotations

from typing import Any

from app.security.manager import ENTERED
from tests.client import Client
from tests.worlds import World

ANONYMOUS = "anonymous"
CUSTOMER = "customer user"
SALES = "sales"
OPS = "ops"
OWNER = "owner"
SOUTH = "owner of the other reseller"
ADMIN = "platform admin"
ENTERED_ADMIN = "platform admin who has entered"

ACTORS = (ANONYMOUS, CUSTOMER, SALES, OPS, OWNER, SOUTH, ADMIN, ENTERED_ADMIN)


def person_of(world: World, actor: str) -> Any:
    """Return the login behind an actor, None for nobody."""
    return {
        ANONYMOUS: None,
        CUSTOMER: world.north.customer_user,
        SALES: world.north.sales,
        OPS: world.north.ops,
        OWNER: world.north.owner,
        SOUTH: world.south.owner,
        ADMIN: world.admin,
        ENTERED_ADMIN: world.admin,
    }[actor]


def client_of(app: Any, world: World, actor: str) -> Client:
    """Return a browser in which ``actor`` is signed in."""
    client = Client(app, person_of(world, actor))
    if actor == ENTERED_ADMIN:
        with client.http.session_transaction() as session:
            session[ENTERED] = {"id": world.north.id, "reason": "support", "by": world.admin.id}
    return client
