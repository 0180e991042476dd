"""Only the unit of work commits: a commit elsewhere would leave the session with old rows that look fresh."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIT_OF_WORK = "app/kernel/unit_of_work.py"
SOURCES = [path for path in sorted((ROOT / "app").rglob("*.py")) if path != ROOT / UNIT_OF_WORK]
# The framework's own methods that commit for themselves.
COMMITTING = {"commit", "update_user_auth_stat", "update_user"}


def commits(source: str) -> Iterator[int]:
    """The lines that end a transaction well by themselves."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in COMMITTING
        ):
            yield node.lineno


def test_every_file_leaves_commits_to_the_unit_of_work() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in SOURCES
        if (lines := list(commits(path.read_text(encoding="utf-8"))))
    }

    assert found == {}


def test_commits_are_found() -> None:
    assert list(commits("db.session.commit()")) == [1]
    assert list(commits("with unit_of_work(db.session): pass")) == []
    assert list(commits((ROOT / UNIT_OF_WORK).read_text(encoding="utf-8")))
