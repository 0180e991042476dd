"""The doctor on a place that cannot work: database, folder, translations, settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import create_app
from tests.cli.conftest import Run, examine, runner_of
from tests.conftest import ENGINE, close_connections, make_settings


def test_a_database_that_is_away_ends_the_examination(tmp_path: Path) -> None:
    app = create_app(make_settings("postgresql+psycopg://nobody:hidden@127.0.0.1:1/nothing"))
    app.instance_path = str(tmp_path)
    run = runner_of(app)

    assert examine(run) == {"database_unreachable": ("error", 1)}
    assert "hidden" not in run("doctor").output
    close_connections(app)


def test_a_file_that_is_no_database_is_one(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database, only a text\n" * 100, encoding="ascii")
    app = create_app(make_settings(f"sqlite:///{tmp_path / 'text.db'}"))
    app.instance_path = str(tmp_path)

    assert examine(runner_of(app)) == {"database_unreachable": ("error", 1)}
    close_connections(app)


def test_an_empty_database_wants_init_and_then_an_admin(empty_app: Any) -> None:
    run = runner_of(empty_app)

    assert list(examine(run)) == ["migrations_missing"]
    run("init")
    assert examine(run) == {"platform_admin_missing": ("error", 1)}


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_an_instance_folder_that_cannot_be_written(
    run: Run, flask_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(flask_app, "instance_path", str(tmp_path / folder))

    level = "error" if ENGINE == "sqlite" else "warning"
    assert examine(run) == {"instance_folder_not_writable": (level, 1)}


def test_translations_that_are_not_compiled(run: Run, flask_app: Any) -> None:
    source = Path(flask_app.config["BABEL_TRANSLATION_DIRECTORIES"]) / "de" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.touch()

    assert examine(run) == {"translations_not_compiled": ("warning", 1)}


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({"CLOUDTALLY_ENV": "production", "SECRET_KEY": "changeme" * 6}, {"secret_key_weak"}),
        ({"CLOUDTALLY_ENV": "production", "SECRET_KEY": ""}, {"secret_key_weak"}),
        (
            {"CLOUDTALLY_ENV": "production", "CLOUDTALLY_PUBLIC_URL": "http://console.example.com"},
            {"public_address_not_https"},
        ),
        ({"CLOUDTALLY_ENV": "production", "CLOUDTALLY_PUBLIC_URL": ""}, {"public_address_not_https"}),
        ({"CLOUDTALLY_ENV": "production", "TESTING": True}, {"settings_not_for_production"}),
        ({"SECRET_KEY": None}, {"secret_key_missing"}),
        ({"CLOUDTALLY_PUBLIC_URL": "https://console.example.com"}, {"not_production"}),
        ({"CLOUDTALLY_PUBLIC_URL": "http://localhost:8080"}, set()),
    ],
)
def test_settings_that_do_not_fit_the_place(
    run: Run, flask_app: Any, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], codes: set[str]
) -> None:
    if "CLOUDTALLY_ENV" in settings:
        settings = {
            "SECRET_KEY": "kR7wQ2mZ9xT4vB6nH1cJ8dF3gL5pS0yA",
            "CLOUDTALLY_PUBLIC_URL": "https://console.example.com",
            "TESTING": False,
        } | settings
    for name, value in settings.items():
        monkeypatch.setitem(flask_app.config, name, value)

    assert set(examine(run)) == codes
