"""Who may import whom, as one table and one contract for import-linter (`make lint`).

A package of app/ may import the packages named beside it, and nothing else of app/. A package that is not in the
table breaks the contract, so a new slice has to say what it stands on.
"""

import sys
from typing import Any

from grimp import DirectImport, ImportGraph
from importlinter import Contract, ContractCheck, output

GROUND = {"kernel", "errors", "tenancy", "extensions"}
SLICE = GROUND | {"audit", "security", "shell", "jobs"}

MAY_IMPORT: dict[str, set[str]] = {
    "rating": set(),
    "errors": set(),
    "kernel": {"errors"},
    "tenancy": {"kernel", "errors"},
    "extensions": {"tenancy", "kernel"},
    "shell": GROUND,
    "audit": GROUND | {"shell"},
    "jobs": GROUND | {"shell"},
    "security": GROUND | {"audit", "shell", "jobs"},
    "months": SLICE | {"rating"},
    "settings": SLICE | {"months", "providers", "rating"},
    "providers": SLICE,
    "custom_fields": SLICE,
    "taxes": SLICE | {"months", "rating"},
    "exchange_rates": SLICE | {"months", "rating"},
    "saved_views": SLICE,
    "pricebooks": SLICE | {"providers", "months", "rating"},
    "customers": SLICE
    | {"providers", "pricebooks", "custom_fields", "taxes", "settings", "saved_views", "months"},
    "cloud_accounts": SLICE | {"customers", "providers", "pricebooks", "custom_fields", "months", "rating"},
    "charges": SLICE | {"customers", "cloud_accounts", "providers", "months", "rating"},
    "credits": SLICE | {"customers", "months", "rating"},
    "usage": SLICE | {"customers", "cloud_accounts", "providers", "months", "rating"},
    "statements": SLICE
    | {
        "usage",
        "exchange_rates",
        "charges",
        "credits",
        "taxes",
        "pricebooks",
        "settings",
        "customers",
        "cloud_accounts",
        "custom_fields",
        "providers",
        "months",
        "rating",
    },
    "reports": SLICE
    | {
        "statements",
        "usage",
        "charges",
        "exchange_rates",
        "customers",
        "cloud_accounts",
        "custom_fields",
        "providers",
        "saved_views",
        "settings",
        "months",
        "rating",
    },
    "approvals": SLICE | {"customers", "cloud_accounts", "pricebooks", "charges", "providers", "settings"},
    "terms": SLICE | {"customers"},
    "home": SLICE | {"customers"},
    "platform_admin": SLICE | {"providers", "settings", "pricebooks", "approvals"},
    # Hears the signals of the slices, which do not know it.
    "notifications": SLICE | {"approvals", "portal", "customers", "settings", "statements", "reports"},
    "portal": SLICE
    | {
        "customers",
        "cloud_accounts",
        "providers",
        "settings",
        "terms",
        "approvals",
        "credits",
        "statements",
        "reports",
        "rating",
        "usage",
    },
}
# The table of contents, the worker, the commands, the doctor, the installation and the demo world stand on everything,
# and nothing stands on them.
ON_TOP = {"slices", "worker", "cli", "doctor", "installation", "demo"}

# Inside a slice: models, then queries and filters, then services, then forms and views.
_LAYERS = ({"models"}, {"queries", "filters"}, {"services", "lifecycle"}, {"forms", "views"})
_NO_FLASK = {"models", "queries", "services", "lifecycle"}
_REQUEST_PACKAGES = {"flask", "flask_login", "flask_wtf", "wtforms"}
# What computes money stands on the language alone.
_STANDARD_LIBRARY_ONLY = {"rating"}
# Packages below everything may know what an amount is, and nothing more of the rules.
_AMOUNTS = {"app.rating.money", "app.rating.problems"}
_AMOUNTS_ONLY = {"kernel", "errors"}


def _package(module: str) -> str:
    """The part of app/ that a module belongs to; "" for app/__init__.py."""
    return [*module.split("."), ""][1]


def _part(module: str) -> str:
    """The file of a slice that a module is: models, services, views ..."""
    return [*module.split("."), "", ""][2]


def _is_standard(module: str) -> bool:
    return module.split(".")[0] in sys.stdlib_module_names


def _height(part: str) -> int | None:
    return next((height for height, parts in enumerate(_LAYERS) if part in parts), None)


def fault_of(importer: str, imported: str) -> str | None:
    """What is wrong with one import, or None."""
    if not importer.startswith("app."):
        return None
    if imported.split(".")[0] != "app":
        if _package(importer) in _STANDARD_LIBRARY_ONLY and not _is_standard(imported):
            return f"{_package(importer)} imports the standard library only"
        if _part(importer) in _NO_FLASK and imported.split(".")[0] in _REQUEST_PACKAGES:
            return f"{_part(importer)} must not know the request"
        return None
    source, target = _package(importer), _package(imported)
    if source in ON_TOP:
        return None
    if source == target:
        low, high = _height(_part(importer)), _height(_part(imported))
        return (
            "a lower layer imports a higher one"
            if low is not None and high is not None and low < high
            else None
        )
    if target == "":
        return "nothing below imports the application itself"
    if source in _AMOUNTS_ONLY and imported in _AMOUNTS:
        return None
    if target in ON_TOP or target not in MAY_IMPORT.get(source, set()):
        return f"{source} may not import {target}"
    if _part(imported) == "views":
        return "the views of another slice are its own"
    return None


class ImportTable(Contract):
    """Every direct import obeys the table above."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        faults: list[tuple[str, DirectImport | None]] = []
        packages = {_package(module) for module in graph.modules if module.startswith("app.")}
        faults += [
            (f"app.{package} is not in tests/architecture/import_table.py", None)
            for package in sorted(packages - MAY_IMPORT.keys() - ON_TOP)
        ]
        for importer in sorted(graph.modules):
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                fault = fault_of(importer, imported)
                if fault:
                    details = graph.get_import_details(importer=importer, imported=imported)
                    faults.append((fault, details[0] if details else None))
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        faults: list[tuple[str, Any]] = check.metadata["faults"]
        for fault, where in faults:
            output.print_error(fault, bold=False)
            if where:
                output.print_error(
                    f"    {where['importer']}:{where['line_number']}  {where['line_contents']}", bold=False
                )
