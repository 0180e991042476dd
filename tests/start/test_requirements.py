"""The two locked lists: complete, hashed, the same versions in both, and what is installed here."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _entries(lock: str) -> dict[str, tuple[Requirement, int]]:
    """Name -> (requirement, how many hashes it has)."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = {}
    for block in re.split(r"\n(?=\S)", text):
        if block.startswith("#") and "==" not in block:
            continue
        requirement = Requirement(re.split(r"\s+\\|\s+--hash|\n", block.strip())[0])
        entries[canonicalize_name(requirement.name)] = (requirement, block.count("--hash=sha256:"))
    return entries


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_one_version_and_hashes(lock: str) -> None:
    entries = _entries(lock)

    assert len(entries) > 40
    for requirement, hashes in entries.values():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement
        assert hashes, requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_the_extras_that_packages_ask_of_each_other_are_locked_too(lock: str) -> None:
    """pip looks for `coverage[toml]` anew, in the newest version, when the list pins `coverage` alone."""
    entries = _entries(lock)
    asked = 0
    for package in distributions():
        if canonicalize_name(package.metadata["Name"]) not in entries:
            continue
        for wanted in map(Requirement, package.requires or []):
            if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
                asked += 1
                locked = entries[canonicalize_name(wanted.name)][0]
                assert wanted.extras <= locked.extras, f"{package.metadata['Name']} wants {wanted}"

    assert asked


@pytest.mark.parametrize("lock", LOCKS)
def test_no_registry_and_no_place_of_a_machine_is_named(lock: str) -> None:
    assert not re.search(
        r"://|--index|--find-links|file:|(?<![\w.(])/\w", (ROOT / lock).read_text(encoding="utf-8")
    )


def test_versions_for_tests_are_those_of_the_product() -> None:
    product, development = (_entries(lock) for lock in LOCKS)

    assert {name: str(product[name][0]) for name in product} == {
        name: str(development[name][0]) for name in product
    }


def test_what_the_product_imports_is_locked_within_its_bounds() -> None:
    locked = _entries("requirements.txt")
    for text in PROJECT["project"]["dependencies"]:
        wanted = Requirement(text)
        (specifier,) = locked[canonicalize_name(wanted.name)][0].specifier
        assert wanted.specifier.contains(specifier.version), text


def test_the_framework_and_what_breaks_it_are_bounded() -> None:
    bounds = {
        Requirement(text).name: str(Requirement(text).specifier)
        for text in PROJECT["project"]["dependencies"]
    }

    assert bounds["flask-appbuilder"] == "==5.3.0"
    assert bounds["marshmallow"] == "<4,>=3.26"
    assert bounds["WTForms"] == "<3.4,>=3.2"


def test_installed_packages_are_the_locked_ones() -> None:
    installed = {canonicalize_name(package.metadata["Name"]): package.version for package in distributions()}

    for name, (requirement, _hashes) in _entries("requirements-dev.txt").items():
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(installed.get(name, "0")), (
                f"{requirement}: {installed.get(name)}"
            )


def test_installed_packages_fit_each_other() -> None:
    installed = {canonicalize_name(package.metadata["Name"]): package for package in distributions()}
    misfits = []
    for package in installed.values():
        for text in package.requires or []:
            wanted = Requirement(text)
            if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
                continue
            found = installed.get(canonicalize_name(wanted.name))
            if found is None or not wanted.specifier.contains(found.version, prereleases=True):
                misfits.append(f"{package.metadata['Name']} wants {wanted}")

    assert misfits == []
