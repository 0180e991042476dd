"""The import contract finds what it has to find; `make lint` runs it over the whole product."""

import pytest

from tests.architecture.import_table import MAY_IMPORT, ON_TOP, fault_of


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("app.customers.services", "app.providers.models"),
        ("app.customers.views", "app.customers.services"),
        ("app.customers.services", "app.customers.models"),
        ("app.customers.views", "flask"),
        ("app.customers.services", "flask_babel"),
        ("app", "app.slices"),
        ("app.cli", "app.demo.world"),
        ("app.security.models", "app.tenancy.owned"),
        ("app.rating.plans", "app.rating.money"),
        ("app.rating.money", "decimal"),
        ("app.rating.money", "collections.abc"),
        ("app.kernel.types", "app.rating.money"),
        ("app.charges.services", "app.rating.plans"),
    ],
)
def test_allowed(importer: str, imported: str) -> None:
    assert fault_of(importer, imported) is None


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("app.providers.models", "app.customers.models"),
        ("app.kernel.clock", "app.extensions"),
        ("app.kernel.clock", "app.tenancy.scope"),
        ("app.rating.money", "app.kernel.clock"),
        ("app.rating.money", "app.errors"),
        ("app.rating.money", "sqlalchemy"),
        ("app.rating.money", "appdirs"),
        ("app.kernel.types", "app.rating.plans"),
        ("app.customers.services", "app.rating.money"),
        ("app.customers.models", "app.customers.services"),
        ("app.customers.services", "app.customers.views"),
        ("app.customers.services", "app.customers.forms"),
        ("app.customers.queries", "app.customers.services"),
        ("app.customers.services", "flask"),
        ("app.customers.models", "flask_login"),
        ("app.customers.views", "app.providers.views"),
        ("app.customers.services", "app"),
        ("app.customers.services", "app.slices"),
        ("app.customers.services", "app.demo"),
        ("app.tenancy.guard", "app.security.models"),
        ("app.unheard_of.models", "app.kernel.clock"),
    ],
)
def test_refused(importer: str, imported: str) -> None:
    assert fault_of(importer, imported)


def test_table_has_no_circles() -> None:
    standing = {
        package: {peer for peer in peers if peer in MAY_IMPORT} for package, peers in MAY_IMPORT.items()
    }
    done: set[str] = set()
    while ready := {package for package, peers in standing.items() if package not in done and peers <= done}:
        done |= ready

    assert done == set(MAY_IMPORT)
    assert not ON_TOP & set(MAY_IMPORT)
