"""Several first starts at the same time make one installation with one demo world."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.demo import LOGINS
from app.kernel.alone import alone
from tests.conftest import Database, PostgresDatabase

pytestmark = pytest.mark.stricter

ROOT = Path(__file__).resolve().parents[2]
START = "import config, run; run.prepare(config.load())"
STAY = """
import sys, time
from sqlalchemy import create_engine
from app.kernel.alone import alone
with alone(create_engine(sys.argv[1])):
    print("in", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def new_database(database: Database, tmp_path: Path) -> Iterator[str]:
    """The address of a database on the engine in use in which nothing is."""
    if isinstance(database, PostgresDatabase):
        name = f"{database.name}_first"
        database.server.psql(f"CREATE DATABASE {name};")
        yield database.url.replace(f"@/{database.name}?", f"@/{name}?")
        database.server.psql(f"DROP DATABASE {name} WITH (FORCE);")
    else:
        yield f"sqlite:///{tmp_path / 'instance' / 'new.db'}"


def python(code: str, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLOUDTALLY_")}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=kept | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_first_starts_at_once_make_one_world(new_database: str, tmp_path: Path) -> None:
    environ = {
        "DATABASE_URL": new_database,
        "CLOUDTALLY_INSTANCE": str(tmp_path / "instance"),
        "SECRET_KEY": "first-" + "s" * 40,
    }
    starts = [python(START, **environ) for _ in range(3)]
    ends = [(*start.communicate(timeout=120), start.returncode) for start in starts]

    assert [(code, errors) for _out, errors, code in ends if code] == []
    assert [out.count("loading the demo world") for out, _errors, _code in sorted(ends)] == [0, 0, 1]
    engine = create_engine(new_database, poolclass=NullPool)
    with engine.connect() as connection:
        emails = connection.execute(text("SELECT email FROM ab_user")).scalars().all()
        roles = connection.execute(text("SELECT name FROM ab_role")).scalars().all()
    assert len(emails) == len(set(emails))
    assert {email for _role, email, *_rest in LOGINS} <= set(emails)
    assert len(roles) == len(set(roles))


def test_one_waits_for_the_other_and_not_for_one_that_died(new_database: str, tmp_path: Path) -> None:
    first = python(STAY, new_database)
    assert first.stdout is not None
    assert first.stdout.readline() == "in\n"
    second = python(STAY, new_database)
    with pytest.raises(subprocess.TimeoutExpired):
        second.communicate(timeout=2)

    first.kill()
    first.communicate()
    assert second.stdout is not None
    assert second.stdout.readline() == "in\n"
    second.kill()
    second.communicate()


def test_a_failure_inside_lets_the_next_one_in(new_database: str) -> None:
    engine: Any = create_engine(new_database, poolclass=NullPool)
    with pytest.raises(ZeroDivisionError), alone(engine):
        raise ZeroDivisionError
    with alone(engine):
        pass


def test_a_database_in_memory_needs_no_lock() -> None:
    with alone(create_engine("sqlite://")):
        pass
