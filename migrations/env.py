"""Alembic's environment: takes the engine from the running application and knows our column types."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from app.kernel.types import render_for_migration

#: What the database keeps for searching customers; made by hand in its migration, invisible to autogenerate.
HAND_MADE_TABLES = "customers_fts"
HAND_MADE_INDEXES = {"ix_customers_trigrams"}


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Leave out of comparisons what no model describes."""
    if kind == "table" and (name or "").startswith(HAND_MADE_TABLES):
        return False
    return not (kind == "index" and name in HAND_MADE_INDEXES)


def run() -> None:
    """Run the migrations on the application's engine."""
    db = current_app.extensions["migrate"].db
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            include_object=include_object,
            render_item=render_for_migration,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
