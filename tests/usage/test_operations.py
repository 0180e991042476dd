"""What runs an installation: the command, and what the doctor says of usage."""

from __future__ import annotations

import datetime
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.doctor.usage import check_usage
from app.kernel.clock import frozen_at, utc_now
from app.tenancy.scope import reseller_scope, system_scope
from app.usage import importing, places
from app.usage.queries import live_parts
from tests.usage.deliveries import bill, brought, put, row
from tests.usage.test_imports import OCTOBER
from tests.worlds import World


def command(app: Any, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["import-usage", *words])


def test_the_command_imports_a_file_and_says_what_became_of_it(
    flask_app: Any, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "october.csv"
    file.write_bytes(bill(row("1.25"), row("2")))

    said = command(flask_app, str(file), "--reseller", world.north.nickname, "--json")

    assert said.exit_code == 0, said.output
    found = json.loads(said.output)
    assert (found["state"], found["rows"], found["parts"][0]["month"]) == ("done", 2, "2026-10-01")
    assert found["totals"]["USD"]["billed"].rstrip("0") == found["file_totals"]["USD"].rstrip("0") == "3.25"
    again = command(flask_app, str(file), "--reseller", world.north.nickname)
    assert (again.exit_code, "unchanged" in again.output) == (0, True)


def test_the_command_refuses_in_words_and_can_answer_beforehand(
    flask_app: Any, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_bytes(bill(row("1"), row("many")))
    north = ("--reseller", world.north.nickname)

    nobody = command(flask_app, str(file), "--reseller", "nobody")
    asking = command(flask_app, str(file), *north)
    absent = command(flask_app, str(file), *north, "--month", "2026-08")
    wrong = command(flask_app, str(file), *north, "--month", "August")
    accepted = command(flask_app, str(file), *north, "--accept", "rejected_rows")

    assert (nobody.exit_code, "no reseller" in nobody.output) == (1, True)
    assert (asking.exit_code, "--accept rejected_rows" in asking.output) == (1, True)
    assert (absent.exit_code, "holds nothing of 2026-08" in absent.output) == (1, True)
    assert wrong.exit_code == 2
    assert accepted.exit_code == 0, accepted.output


def test_the_doctor_names_lost_files_left_overs_and_jobs_that_wait(
    flask_app: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with flask_app.app_context():
        with reseller_scope(world.north.id):
            brought(bill(row("1")))
            [part] = live_parts(OCTOBER)
            folder = places.store().folder(importing.part_files(part))
            put(bill(row("2")))
        with system_scope("the doctor"):
            assert {fault.code for fault in check_usage()} == set()

            left = folder.parent / "left-behind"
            shutil.move(folder, left)
            old = (utc_now() - datetime.timedelta(days=3)).timestamp()
            os.utime(left, (old, old))
            with frozen_at(utc_now() + datetime.timedelta(hours=1)):
                faults = {fault.code: fault for fault in check_usage()}

        assert {"jobs_stuck", "usage_without_files", "usage_files_left_behind"} <= set(faults)
        assert "Amazon Web Services 999999999999 2026-10" in faults["usage_without_files"].sentence
        repair = faults["usage_files_left_behind"].repair
        assert repair is not None
        with system_scope("the doctor"):
            repair()
        assert not left.exists()
