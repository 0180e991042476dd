"""Amounts are exact: no binary fraction is written, asked for or stored anywhere in the product."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    *sorted((ROOT / "app").rglob("*.py")),
    ROOT / "config.py",
    *sorted((ROOT / "migrations").rglob("*.py")),
]
INEXACT_TYPES = {"Float", "FLOAT", "REAL", "Double", "DOUBLE", "DOUBLE_PRECISION", "FloatField"}

# File: why it may. Never for anything that touches an amount.
ALLOWED: dict[str, str] = {}


def inexact_places(source: str) -> Iterator[tuple[int, str]]:
    """Each line that uses a binary fraction, and how; asking whether a value is one, to refuse it, is fine."""
    tree = ast.parse(source)
    refusals = {
        id(name)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "isinstance"
        for name in ast.walk(call.args[1])
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"the number {node.value}"
        elif isinstance(node, ast.Name) and node.id == "float" and id(node) not in refusals:
            yield node.lineno, "float"
        elif isinstance(node, ast.Name) and node.id in INEXACT_TYPES:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and node.attr in INEXACT_TYPES:
            yield node.lineno, node.attr


def test_no_file_uses_binary_fractions() -> None:
    found = {
        name: places
        for path in SOURCES
        if (name := str(path.relative_to(ROOT))) not in ALLOWED
        and (places := list(inexact_places(path.read_text(encoding="utf-8"))))
    }

    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "price = 0.1",
        "price = float(text)",
        "def f(x: float): ...",
        "sa.Column(sa.Float)",
        "FloatField()",
        "1e-3",
    ],
)
def test_binary_fractions_are_found(source: str) -> None:
    assert list(inexact_places(source))


@pytest.mark.parametrize(
    "source", ["isinstance(value, float)", "isinstance(v, (int, float))", "Decimal('0.1')", "1"]
)
def test_refusals_and_exact_numbers_are_fine(source: str) -> None:
    assert not list(inexact_places(source))


def test_exceptions_still_exist() -> None:
    assert all((ROOT / name).is_file() for name in ALLOWED)
