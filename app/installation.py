"""Bringing an installation up to date: tables, roles, the provider catalogue, on a first start the demo world.

Safe to run at every start, by several processes at once: one works, the others wait and find it done.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.kernel.alone import alone
from app.kernel.unit_of_work import unit_of_work
from app.security.models import Role, User
from app.security.roles import RoleName
from app.tenancy.scope import system_scope


def bring_up_to_date(app: Flask) -> None:
    """Run the migrations that are missing, then make sure that roles and the provider catalogue exist."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from flask_migrate import upgrade

    with app.app_context(), alone(db.engine):
        config = app.extensions["migrate"].migrate.get_config()
        head = ScriptDirectory.from_config(config).get_current_head()
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current != head:
            upgrade()
        with system_scope("roles and the catalogue are platform data"):
            seed_platform()


def seed_platform() -> None:
    """Create the roles and providers that are missing; what exists stays as it is."""
    from app.providers.catalog import add_missing_providers

    with unit_of_work(db.session):
        known = set(db.session.scalars(select(Role.name)))
        db.session.add_all(Role(name=role.value) for role in RoleName if role.value not in known)
        add_missing_providers()


def load_demo(app: Flask, *, before: Callable[[], None] = lambda: None) -> bool:
    """Load the demo world into an installation without logins, and say whether it was one; ``before`` runs first."""
    from app import demo

    with app.app_context(), alone(db.engine):
        if not is_empty(app):
            return False
        before()
        demo.load(app)
        return True


def is_empty(app: Flask) -> bool:
    """Is there no login yet?"""
    with app.app_context(), system_scope("is this a new installation?"):
        return not db.session.scalar(select(func.count(User.id)))
