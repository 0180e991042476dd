"""The watched folder: what is whole imports itself once, what is being written is left alone."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.jobs.models import Job
from app.tenancy.scope import reseller_scope
from app.usage import places, watching
from app.usage.models import Origin, UsageImport
from tests.worlds import World

HEADER = "BilledCost,BillingAccountId\n"


@pytest.fixture
def folder(flask_app: Any, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """North's folder, and a clock that has gone on since it was filled."""
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_USAGE_WATCH_FOLDER", str(tmp_path))
    own = tmp_path / world.north.nickname
    own.mkdir()
    (tmp_path / "nobody").mkdir()
    return own


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two minutes pass."""
    now = time.time() + 120
    monkeypatch.setattr(watching.time, "time", lambda: now)


def imports_of(app: Any, reseller: Any) -> list[UsageImport]:
    with app.app_context(), reseller_scope(reseller.id):
        return list(db.session.scalars(select(UsageImport).order_by(UsageImport.id)))


def test_a_file_is_taken_once_and_again_when_it_changes(
    flask_app: Any, world: World, folder: Path, later: None
) -> None:
    (folder / "october.csv").write_text(HEADER + "1,2\n")
    (folder.parent / "nobody" / "lost.csv").write_text(HEADER)
    with flask_app.app_context():
        assert (watching.watch(), watching.watch()) == (1, 0)
        (folder / "october.csv").write_text(HEADER + "1,2\n3,4\n")
        assert watching.watch() == 1

    first, second = imports_of(flask_app, world.north)
    assert (first.file_name, first.origin, first.created_by) == (
        "october.csv",
        Origin.FOLDER,
        "Watched folder",
    )
    assert first.origin_key != second.origin_key
    assert imports_of(flask_app, world.south) == []
    with flask_app.app_context(), reseller_scope(world.north.id):
        assert places.kept_path(world.north.id, second.kept_name).read_text().endswith("3,4\n")
        assert db.session.get_one(Job, second.job_id).subject_id == second.id


def test_what_is_being_written_is_left_alone(flask_app: Any, world: World, folder: Path) -> None:
    old = time.time() - 3600
    for name in ("fresh.csv", ".hidden.csv", "half.csv.part"):
        (folder / name).write_text(HEADER)
    for name in (".hidden.csv", "half.csv.part"):
        os.utime(folder / name, (old, old))

    with flask_app.app_context():
        assert watching.watch() == 0


def test_a_folder_of_parts_is_one_delivery(flask_app: Any, world: World, folder: Path, later: None) -> None:
    (folder / "2026-10").mkdir()
    for number in (1, 2):
        (folder / "2026-10" / f"part-{number}.csv").write_text(HEADER)

    with flask_app.app_context():
        assert watching.watch() == 1

    [one] = imports_of(flask_app, world.north)
    assert (one.file_name, one.size) == ("2026-10", 2 * len(HEADER))


def test_links_lead_nowhere_and_any_name_is_taken(
    flask_app: Any, world: World, folder: Path, later: None, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "theirs.csv").write_text(HEADER + "1,2\n")
    (folder / "export").mkdir()
    (folder / "export" / "ours.csv").write_text(HEADER)
    (folder / "export" / "more").symlink_to(tmp_path / "elsewhere")
    Path(os.fsdecode(os.fsencode(folder) + b"/a-\xff.csv")).write_text(HEADER)
    with flask_app.app_context():
        assert (watching.watch(), watching.watch()) == (2, 0)

    odd, export = imports_of(flask_app, world.north)
    assert (odd.file_name, export.size) == ("a-\ufffd.csv", len(HEADER))
    with flask_app.app_context():
        kept = places.kept_path(world.north.id, export.kept_name)
        assert [one.name for one in kept.rglob("*.csv")] == ["ours.csv"]
