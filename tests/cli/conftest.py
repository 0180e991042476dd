"""Commands run in the tests' installation, or in one whose database is still empty."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app import create_app
from app.extensions import db
from tests.conftest import ENGINE, Database, PostgresDatabase, close_connections, make_settings

Run = Callable[..., Any]
Seed = Callable[..., None]
on_sqlite = pytest.mark.skipif(ENGINE != "sqlite", reason="PostgreSQL keeps the rows of its index itself")
on_postgresql = pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite has an FTS5 table instead")


def examine(run: Run, *options: str) -> dict[str, tuple[str, int]]:
    """Run ``doctor --json`` and return code -> (level, count); the exit status has to fit."""
    result = run("doctor", "--json", *options)
    found = json.loads(result.stdout)
    assert list(found) == ["sound", "faults"]
    for fault in found["faults"]:
        assert list(fault) == ["code", "level", "sentence", "advice", "count"]
        assert fault["sentence"].endswith(".") and "\n" not in fault["sentence"]
        assert fault["advice"]
    assert found["sound"] is all(fault["level"] == "warning" for fault in found["faults"])
    assert result.exit_code == (0 if found["sound"] else 1)
    return {fault["code"]: (fault["level"], fault["count"]) for fault in found["faults"]}


def runner_of(app: Any) -> Run:
    """Return ``run("doctor", "--json")``: runs a command of ``app`` and answers click's result."""

    def run(*args: str, **kwargs: Any) -> Any:
        result = app.test_cli_runner().invoke(args=[*args], **kwargs)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


def _give_own_folders(app: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the commands away from this working copy's instance folder and catalogues."""
    (folder / "instance").mkdir()
    monkeypatch.setattr(app, "instance_path", str(folder / "instance"))
    monkeypatch.setitem(app.config, "BABEL_TRANSLATION_DIRECTORIES", str(folder / "translations"))


@pytest.fixture
def run(flask_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    _give_own_folders(flask_app, tmp_path, monkeypatch)
    return runner_of(flask_app)


@pytest.fixture
def seed(flask_app: Any, database: Database) -> Seed:
    """Do what no screen does: run statements past the product. Structure that they change is put back as well."""

    def damage(*statements: str) -> None:
        database.is_dirty = True
        with flask_app.app_context(), db.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    return damage


@pytest.fixture
def empty_app(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An application on an empty database of its own."""
    if isinstance(database, PostgresDatabase):
        name = f"{database.name}_commands"
        database.server.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")
        database.server.psql(f"CREATE DATABASE {name};")
        url = database.url.replace(f"@/{database.name}?", f"@/{name}?")
    else:
        url = f"sqlite:///{tmp_path / 'instance' / 'empty.db'}"
    app = create_app(make_settings(url))
    _give_own_folders(app, tmp_path, monkeypatch)
    yield app
    close_connections(app)
