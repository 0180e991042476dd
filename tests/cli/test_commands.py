"""``init``, ``create-admin``, ``demo``: what they do, what they refuse, and how they say so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import select, text
from werkzeug.security import check_password_hash

import config
from app import create_app
from app.audit.models import AuditEntry
from app.cli import COMMANDS
from app.extensions import db
from app.security.models import User
from app.security.roles import RoleName
from app.tenancy.scope import system_scope
from tests.cli.conftest import Run, runner_of
from tests.conftest import close_connections, make_settings
from tests.worlds import PASSWORD, World

UNREACHABLE = "postgresql+psycopg://nobody:hidden@127.0.0.1:1/nothing"
ADMIN = ("create-admin", "--name", "Grace Field", "--email", "grace@platform.example")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_explains_itself(command: click.Command) -> None:
    assert command.help and len(command.help) > 60
    assert command.short_help and command.short_help.endswith(".")
    assert "Exit status: 0" in (command.epilog or "")
    options = [one for one in command.params if isinstance(one, click.Option)]  # arguments stand in the text
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_names_the_exit_statuses(run: Run, command: click.Command) -> None:
    result = run(str(command.name), "--help")

    assert result.exit_code == 0
    assert "Exit status: 0" in result.output and " 1 " in result.output


def test_init_says_what_it_did_and_does_it_once(empty_app: Any) -> None:
    run = runner_of(empty_app)

    first, second = run("init"), run("init")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "Migrations run: " in first.output
    assert f"Roles added: {', '.join(RoleName)}." in first.output
    assert "Providers added: Amazon Web Services, " in first.output
    assert second.output.splitlines() == ["Nothing was missing.", "The installation is up to date."]


def test_init_adds_what_got_lost(run: Run, seed: Any) -> None:
    seed("DELETE FROM providers WHERE code = 'ibm'")

    result = run("init")

    assert result.output.splitlines() == ["Providers added: IBM Cloud.", "The installation is up to date."]


def test_init_compiles_translations(run: Run, flask_app: Any) -> None:
    source = Path(flask_app.config["BABEL_TRANSLATION_DIRECTORIES"]) / "de" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n', encoding="utf-8")

    assert "Translations compiled: de." in run("init").output
    assert source.with_suffix(".mo").exists()


def test_init_goes_on_where_translations_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("app.kernel.translations.compile_catalogs", refuse)

    result = run("init")

    assert result.exit_code == 0
    assert "Translations not compiled (Permission denied)" in result.output


def test_a_database_of_another_version_is_left_alone(run: Run, seed: Any) -> None:
    seed("UPDATE alembic_version SET version_num = '9999'")

    result = run("init")

    assert result.exit_code == 1
    assert result.output.startswith("Error: The database was made by another version of Cloudtally")


@pytest.mark.parametrize("command", [("init",), (*ADMIN, "--password", PASSWORD), ("demo",)], ids=" ".join)
def test_a_database_that_is_away_is_said_in_one_line(command: tuple[str, ...]) -> None:
    app = create_app(make_settings(UNREACHABLE))

    result = runner_of(app)(*command)

    assert result.exit_code == 1
    assert result.output.startswith("Error: The database cannot be used: ") and "hidden" not in result.output
    assert len(result.output.splitlines()) == 1
    close_connections(app)


@pytest.mark.parametrize("command", [(*ADMIN, "--password", PASSWORD), ("demo",)], ids=" ".join)
def test_nothing_goes_into_a_database_that_is_not_prepared(empty_app: Any, command: tuple[str, ...]) -> None:
    result = runner_of(empty_app)(*command)

    assert result.exit_code == 1
    assert result.output == "Error: The database is not up to date. Run first: flask --app app init\n"


def _find(app: Any, email: str) -> Any:
    with app.app_context(), system_scope("the test looks"):
        user = db.session.scalars(select(User).where(User.email == email)).one_or_none()
        return user and (user.name, user.role_name, user.reseller_id, user.is_active, user.password)


def test_create_admin_asks_for_the_password_and_does_not_show_it(run: Run, flask_app: Any) -> None:
    result = run(*ADMIN, input=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0
    assert result.output.endswith("grace@platform.example can log in now.\n")
    assert PASSWORD not in result.output
    name, role, reseller_id, is_active, stored = _find(flask_app, "grace@platform.example")
    assert (name, role, reseller_id, is_active) == ("Grace Field", RoleName.PLATFORM_ADMIN, None, True)
    assert check_password_hash(stored, PASSWORD)


def test_create_admin_takes_the_password_as_an_option_and_leaves_an_entry(run: Run, flask_app: Any) -> None:
    assert run(*ADMIN, "--password", PASSWORD).exit_code == 0

    with flask_app.app_context(), system_scope("the test looks"):
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.record_name, entry.actor_name) == ("created", "Grace Field", "System")
        assert PASSWORD not in str(entry.changes)


@pytest.mark.parametrize(
    ("name", "email", "password", "line"),
    [
        ("Grace", "grace@platform.example", "short", "Use at least 12 characters"),
        ("Grace", "grace@platform.example", "password123456", "list of common ones"),
        ("Grace", "grace@platform.example", "grace@platform.example", "repeats the name or the address"),
        ("Grace", "ADA@platform.example", PASSWORD, "login with the address ada@platform.example already"),
        ("Grace", "grace", PASSWORD, "grace is not an email address"),
        ("  ", "grace@platform.example", PASSWORD, "The name has 1 to 120 characters"),
        ("x" * 121, "grace@platform.example", PASSWORD, "The name has 1 to 120 characters"),
    ],
)
def test_create_admin_refuses_in_one_line(
    run: Run, flask_app: Any, name: str, email: str, password: str, line: str
) -> None:
    result = run("create-admin", "--name", name, "--email", email, "--password", password)

    assert result.exit_code == 1
    assert result.output.startswith("Error: ") and line in result.output
    assert len(result.output.splitlines()) == 1
    assert _find(flask_app, "grace@platform.example") is None


def test_a_taken_address_is_said_before_the_password_is_asked_for(run: Run) -> None:
    result = run("create-admin", "--name", "Grace", "--email", "ada@platform.example")

    assert result.exit_code == 1
    assert "Password" not in result.output


def test_a_command_typed_wrong_has_its_own_status(run: Run) -> None:
    assert run("create-admin", "--email", "grace@platform.example").exit_code == 2
    assert run("doctor", "--jason").exit_code == 2


@pytest.mark.slow  # run.py's first start does the same in tests/start/test_run.py
def test_demo_fills_an_empty_installation_once(empty_app: Any) -> None:
    run = runner_of(empty_app)
    run("init")

    first, second = run("demo"), run("demo")

    assert first.exit_code == 0
    assert "ops@harbourline.example" in first.output
    assert second.exit_code == 1
    assert second.output.startswith("Error: There are logins already")
    assert '"sound": true' in run("doctor", "--json").output


def test_demo_is_not_for_production(empty_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runner_of(empty_app)
    run("init")
    monkeypatch.setitem(empty_app.config, "CLOUDTALLY_ENV", "production")

    assert run("demo").exit_code == 1
    with empty_app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM ab_user")) == 0


def test_the_commands_work_as_they_are_typed(world: World, flask_app: Any, tmp_path: Path) -> None:
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environ |= {"DATABASE_URL": UNREACHABLE, "CLOUDTALLY_INSTANCE": str(tmp_path)}
    typed = [sys.executable, "-m", "flask", "--app", "app", "doctor", "--json"]

    result = subprocess.run(typed, cwd=config.ROOT, env=environ, capture_output=True, text=True, timeout=60)

    assert result.returncode == 1
    assert '"code": "database_unreachable"' in result.stdout
    assert result.stderr == ""
