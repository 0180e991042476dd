"""What we replace in Flask-AppBuilder, read against one version. Another fails here until it was read again.

To update: read the new version's code of every method below, change what has to change, then ``AUDITED_VERSION``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import pkgutil
import re
from pathlib import Path
from typing import Any

import flask_appbuilder
import pytest

import app

ROOT = Path(__file__).resolve().parents[2]
AUDITED_VERSION = "5.3.0"

#: Class -> method -> why it is ours.
AUDITED = {
    "SecurityManager": {
        "has_access": "rights come from app/security/roles.py",
        "_has_view_access": "the same, where the framework asks about a given user",
        "is_item_public": "nothing is public by a row of the database",
        "get_user_menu_access": "the navigation is ours",
        "load_user": "the scope follows the person; an old session ends",
        "load_user_jwt": "the scope follows the person",
        "validate_api_key": "the scope follows the person; suspended means out",
        "auth_user_db": "logs in by email, takes as long for unknown addresses, is written down",
        "on_user_login": "nothing beside what auth_user_db has written down",
        "create_login_manager": "strangers are sent to our login page",
        "register_views": "none of the framework's user, role and password screens",
        "before_request": "g.user without the framework's look-up",
    },
    "Interface": {
        "get": "keys are checked before the database sees them, rows against the scope",
        "apply_all": "options load eagerly",
    },
    "AdminInterface": {"_get_attr_value": "a column that is no attribute"},
    "BaseModelView": {
        "_init_forms": "one form for adding and editing",
        "_get_list_widget": "unknown orders and page sizes are refused",
        "list": "bad arguments are 400, not 500",
        "show": "404 for rows out of sight; no related tabs",
        "add": "422 with the refusal beside its field",
        "edit": "the same, and the second of two who edit is told",
        "delete": "POST only, refusals in words",
    },
    "StartView": {"index": "sends everybody to where their work begins"},
    "SignInView": {"login": "our page, one answer for every failure", "logout": "POST only, written down"},
    # lists and pages of our own design
    "SettingsModelView": {"list": "at the address without /list/"},
    "CustomerModelView": {"list": "the customer list", "add": "the first step of a customer"},
    "ChargePlanModelView": {
        "list": "grouped by provider",
        "show": "the plan's page: terms, calculator, history",
        "add": "draws the form again with another line or an amount, without saving",
        "edit": "the same",
    },
    "TaxRateModelView": {"list": "by country, with the percentage that counts now"},
    "ExchangeRateModelView": {"list": "by month, locked ones marked"},
    "BudgetModelView": {"list": "with what is used of each"},
    "PricebookModelView": {
        "list": "masters with their copies",
        "delete": "409 where customers have it",
    },
    "AuditView": {"list": "filters of its own"},
    "PlatformUserView": {"show": "the person's page"},
    "ResellerModelView": {"show": "the reseller's page"},
    "RoleView": {"list": "the table of rights", "show": "one role's rights"},
}

#: Attributes of the framework that ours read or replace besides.
USED = {
    "flask_appbuilder.baseviews.BaseModelView": ("_init_forms",),
    "flask_appbuilder.baseviews.BaseCRUDView": (
        "_list",
        "_get_list_widget",
        "_get_show_widget",
        "_get_add_widget",
        "_get_edit_widget",
        "_init_forms",
    ),
    "flask_appbuilder.views.ModelView": ("action", "action_post", "download"),
    "flask_appbuilder.base.AppBuilder": ("_add_admin_views", "add_view_no_menu"),
    "flask_appbuilder.babel.manager.BabelManager": ("register_views",),
    # Not called: what it counts is counted beside our own entry in the log.
    "flask_appbuilder.security.manager.BaseSecurityManager": ("update_user_auth_stat",),
}


def _is_code(value: Any) -> bool:
    return inspect.isfunction(value) or isinstance(value, staticmethod | classmethod | property)


def _our_classes() -> set[type]:
    modules = [importlib.import_module(one.name) for one in pkgutil.walk_packages(app.__path__, "app.")]
    return {
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }


def _ours() -> dict[str, set[str]]:
    """Return the methods of the framework that classes of ours replace."""
    found: dict[str, set[str]] = {}
    for cls in _our_classes():
        theirs = [base for base in cls.__mro__[1:] if base.__module__.startswith("flask_appbuilder")]
        methods = {
            name
            for name, value in vars(cls).items()
            if _is_code(value) and any(name in vars(base) for base in theirs)
        }
        if methods:
            found[cls.__name__] = methods
    return found


def test_the_installed_version_is_the_one_that_was_read() -> None:
    pins = re.findall(r"^flask-appbuilder==([\d.]+)", (ROOT / "requirements.txt").read_text(), re.M | re.I)

    assert importlib.metadata.version("flask-appbuilder") == AUDITED_VERSION
    assert pins == [AUDITED_VERSION]


def test_every_replaced_method_was_read_and_says_why() -> None:
    listed = {name: set(methods) for name, methods in AUDITED.items()}

    assert _ours() == listed


@pytest.mark.parametrize("path", USED)
def test_what_ours_stand_on_is_still_there(path: str) -> None:
    module, _, name = path.rpartition(".")
    cls = getattr(importlib.import_module(module), name)

    assert [one for one in USED[path] if not hasattr(cls, one)] == []


def test_templates_that_replace_the_frameworks_have_its_names() -> None:
    ours = ROOT / "app" / "templates" / "appbuilder"
    theirs = Path(flask_appbuilder.__file__).parent / "templates" / "appbuilder"

    unknown = [
        str(path.relative_to(ours))
        for path in ours.rglob("*.html")
        if not (theirs / path.relative_to(ours)).is_file()
    ]
    assert unknown == []


def test_no_screen_of_the_framework_is_routed(flask_app: Any) -> None:
    frameworks = {
        type(view).__name__
        for view in flask_app.extensions["appbuilder"].baseviews
        if type(view).__module__.startswith("flask_appbuilder")
    }
    rules = " ".join(rule.rule for rule in flask_app.url_map.iter_rules())

    assert frameworks == set()
    for word in (
        "/back",
        "/api/",
        "/users/userinfo",
        "/resetpassword",
        "/resetmypassword",
        "/register",
        "/lang/",
        "/action",
        "/download",
    ):
        assert word not in rules
    assert not re.search(r"/(roles|permissions|viewmenus|permissionviews)/(add|edit|delete)", rules)
