"""Migrations run both ways on the engine in use, leave nothing behind, and say what the models say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

import config
from app import create_app
from app.extensions import db
from tests.conftest import Database, PostgresDatabase, make_settings

VERSIONS = Path(config.ROOT) / "migrations" / "versions"


@pytest.fixture(scope="module")
def empty_app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An application on an empty database of its own."""
    if isinstance(database, PostgresDatabase):
        name = f"{database.name}_migrations"
        database.server.psql(f"CREATE DATABASE {name};")
        url = database.url.replace(f"@/{database.name}?", f"@/{name}?")
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('migrations') / 'empty.db'}"
    app = create_app(make_settings(url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def leftovers() -> set[str]:
    """Name what is in the database beside Alembic's own table."""
    names = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            query = (
                "SELECT name FROM sqlite_master "
                "WHERE type IN ('trigger', 'view', 'index') AND tbl_name != 'alembic_version'"
            )
        else:
            query = (
                "SELECT proname FROM pg_proc WHERE proname LIKE 'cloudtally%' UNION ALL "
                "SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace "
                "WHERE typtype = 'e' AND nspname = 'public'"
            )
        return names | set(connection.execute(text(query)).scalars())


def test_up_down_and_up_again_leaves_nothing_behind(empty_app: Any) -> None:
    assert leftovers() == set()

    upgrade()
    filled = leftovers()
    downgrade(revision="base")
    between = leftovers()
    upgrade()

    assert {"customers", "resellers", "audit_entries"} <= filled
    assert between == set()
    assert leftovers() == filled


def test_each_step_can_be_taken_back(empty_app: Any) -> None:
    script = ScriptDirectory.from_config(empty_app.extensions["migrate"].migrate.get_config())
    steps = [revision.revision for revision in script.walk_revisions()]
    upgrade()

    for older in [*steps[1:], "base"]:
        downgrade(revision=older)
    for step in reversed(steps):
        upgrade(revision=step)

    assert script.get_current_head() == steps[0]


def test_the_tables_are_what_the_models_say(empty_app: Any) -> None:
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_modelled}
        )
        difference = compare_metadata(context, db.metadata)

    assert difference == []


def _is_modelled(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    if kind == "table":
        return not (name or "").startswith(("customers_fts", "alembic_version"))
    return not (kind == "index" and name == "ix_customers_trigrams")


def test_every_constraint_has_a_name(flask_app: Any) -> None:
    nameless = [
        f"{table.name}: {type(constraint).__name__}"
        for table in db.metadata.tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]

    assert nameless == []


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_a_migration_is_dated_named_and_free_of_the_product(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    imports = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
    }

    assert not {name for name in imports if name.split(".")[0] in ("app", "config")}
    assert path.stem[:10].count("_") == 2 and len(path.stem) > 15
    assert (ast.get_docstring(tree) or "").strip().endswith((".", "trigrams."))


def test_there_is_one_head(flask_app: Any) -> None:
    with flask_app.app_context():
        script = ScriptDirectory.from_config(flask_app.extensions["migrate"].migrate.get_config())
    assert len(script.get_heads()) == 1
