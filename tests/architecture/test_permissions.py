"""Rights are a closed list: every screen asks for one of it, and none of it is asked for by nobody."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.customers.registry import ordered_sections
from app.security.roles import RIGHTS, ROLE_RIGHTS, VERBS, RoleName, grantable_roles
from tests.access.expectations import EVERYBODY, LINES, SIGNED_IN
from tests.architecture.roles_page import roles_page

ROOT = Path(__file__).resolve().parents[2]

#: Screens that no role needs a right for, each with the reason.
OPEN = {
    "StartView.index": "sends everybody to where their work begins",
    "SignInView.login": "the door",
    "SignInView.code": "the door",
    "SignInView.logout": "the door",
    "InvitationView.show": "the secret in the link is the right",
    "PasswordView.forgotten": "whoever forgot the password cannot log in",
    "PasswordView.reset": "the secret in the link is the right",
    "PortalSignInView.login": "the portal's door",
    "PortalSignInView.code": "the portal's door",
    "PortalView.logo": "the portal's public face",
    "PortalPasswordView.forgotten": "whoever forgot the password cannot log in",
    "PortalProviderLogoView.logo": "the portal's public face",
    "PortalTermsView.show": "everybody reads them; accepting asks for a logged-in person itself",
    "BrandView.sheet": "the portal's public face",
    "BrandView.icon": "the portal's public face",
    "SignupView.show": "whoever signs up has no login",
    "SignupView.sent": "the same for everybody",
    "SignupView.confirmed": "the same for everybody",
    "ValidationView.show": "the secret in the link is the right",
    "ValidationView.again": "whoever signed up cannot log in yet",
    "LanguageView.choose": "the language of this browser",
    "ProviderLogoView.logo": "a public mark; asks for a logged-in person itself",
    "EnterView.enter": "asks for the person's own role, because the role in force is another one",
    "EnterView.leave": "whoever is in may go",
    "AuditView.list": "asks itself, for Audit or PlatformAudit by the scope",
    "AuditView.export": "asks itself, for Audit or PlatformAudit by the scope",
}

#: Rights that are asked for inside a screen instead of at its door.
ASKED_INSIDE = {
    ("PlatformAudit", "list"),
    ("PlatformAudit", "export"),
    ("Audit", "list"),
    ("Audit", "export"),
    ("Resellers", "enter"),
}


def _routed(app: Any) -> dict[str, Any]:
    """Return each screen by its endpoint: the view and the method."""
    found = {}
    views = {type(one).__name__: one for one in app.extensions["appbuilder"].baseviews}
    for rule in app.url_map.iter_rules():
        name, _, method = rule.endpoint.partition(".")
        if name in views:
            found[rule.endpoint] = (views[name], method)
    return found


def _asked(app: Any) -> dict[str, tuple[str, str]]:
    """Return the right that each guarded screen asks for at its door: (subject, verb)."""
    asked = {}
    for endpoint, (view, method) in _routed(app).items():
        verb = getattr(getattr(type(view), method), "_permission_name", "")
        if verb and endpoint not in OPEN:
            asked[endpoint] = (view.class_permission_name, verb)
    return asked


def _asked_in_code() -> set[tuple[str, str]]:
    """Return what code and templates ask for besides: (subject, verb)."""
    code = re.compile(r"""has_access\(\s*f?"can_([a-z]+)",\s*"(\w+)"\)""")
    templates = re.compile(r"""\bmay\(\s*["']([a-z]+)["'],\s*["'](\w+)["']\)""")
    found = set()
    for path in (ROOT / "app").rglob("*"):
        if path.suffix in (".py", ".html"):
            text = path.read_text()
            found |= {(subject, verb) for one in (code, templates) for verb, subject in one.findall(text)}
    return found


def _asked_by_navigation(app: Any) -> set[tuple[str, str]]:
    """Return the rights that entries of the navigation and sections of the workspace ask for."""
    with app.app_context():
        rights = {one.right for one in app.extensions["navigation"].items.values()}
        rights |= {one.right for one in ordered_sections()}
    return {(subject, verb) for verb, subject in rights}


def _pairs() -> set[tuple[str, str]]:
    return {(subject, verb) for subject, verbs, _roles in RIGHTS for verb in verbs}


def test_every_screen_asks_for_a_right_of_the_list(flask_app: Any) -> None:
    routed, asked = _routed(flask_app), _asked(flask_app)

    assert sorted(set(routed) - set(asked) - set(OPEN)) == [], "no right at the door"
    assert sorted(set(OPEN) - set(routed)) == [], "these screens are gone"
    assert {endpoint: right for endpoint, right in asked.items() if right not in _pairs()} == {}


def test_screens_that_ask_nobody_are_open_on_purpose(flask_app: Any) -> None:
    """An open screen stands in the access matrix as open, or asks by itself."""
    table = {line.rule: line for line in LINES}
    rules = {rule.endpoint: rule.rule for rule in flask_app.url_map.iter_rules()}
    for endpoint, reason in OPEN.items():
        line = table[rules[endpoint]]
        allowed = line.get or line.post
        assert allowed in (EVERYBODY, SIGNED_IN) or "asks" in reason, endpoint


def test_no_right_is_asked_for_by_nobody(flask_app: Any) -> None:
    asked = set(_asked(flask_app).values()) | _asked_in_code() | _asked_by_navigation(flask_app)

    assert sorted(_pairs() - asked - ASKED_INSIDE) == []
    assert sorted(ASKED_INSIDE - _pairs()) == []


def test_rights_use_known_verbs_and_roles_and_stand_once() -> None:
    seen: set[tuple[str, str, str]] = set()
    for subject, verbs, roles in RIGHTS:
        assert set(verbs) <= set(VERBS), subject
        assert set(roles) <= set(RoleName), subject
        cells = {(subject, verb, role.value) for verb in verbs for role in roles}
        assert not cells & seen, f"{subject} is listed twice for the same role"
        seen |= cells
    assert {verb for _subject, verb in _pairs()} == set(VERBS)


def test_code_templates_and_navigation_ask_only_for_rights_of_the_list(flask_app: Any) -> None:
    asked = _asked_in_code() | _asked_by_navigation(flask_app)

    assert len(asked) > 15
    assert sorted(asked - _pairs()) == []


def test_only_platform_admins_reach_platform_subjects() -> None:
    platform = {subject for subject, _verbs, roles in RIGHTS if roles == (RoleName.PLATFORM_ADMIN,)}
    everybody = {"Profile"}

    assert {"Resellers", "ProviderCatalog", "PlatformUsers", "FabRoles"} <= platform
    for role, rights in ROLE_RIGHTS.items():
        subjects = {subject for _verb, subject in rights}
        if role == RoleName.PLATFORM_ADMIN:
            assert subjects <= platform | everybody
        else:
            assert not subjects & platform
    customer = {subject for _verb, subject in ROLE_RIGHTS[RoleName.CUSTOMER]}
    assert {subject for subject in customer if not subject.startswith("Portal")} == {"Profile"}


def test_nobody_grants_a_role_above_the_own() -> None:
    assert grantable_roles("Reseller Owner") == (RoleName.OWNER, RoleName.OPS, RoleName.SALES)
    assert grantable_roles("Reseller Ops") == (RoleName.OPS, RoleName.SALES)
    assert grantable_roles("Reseller Sales") == (RoleName.SALES,)
    for role in ("Platform Admin", "Customer User", "", None):
        assert grantable_roles(role) == ()


def test_the_printed_table_is_the_table() -> None:
    printed = (ROOT / "docs" / "roles.md").read_text()

    assert printed == roles_page(), "print it anew: python -m tests.architecture.roles_page > docs/roles.md"
