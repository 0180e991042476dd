"""What every page knows: who is signed in, where, in which language, and what the navigation offers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, session, url_for
from flask_babel import get_locale
from flask_login import current_user

from app.shell.navigation import grouped, visible_items
from app.tenancy.models import Reseller
from app.tenancy.scope import ScopeKind, current_scope

AREA_OF = {ScopeKind.PLATFORM: "platform", ScopeKind.RESELLER: "console", ScopeKind.CUSTOMER: "portal"}


def select_locale() -> str:
    """Return the language of the running request: the profile's, else this browser session's, else Accept-Language."""
    languages = list(current_app.config["LANGUAGES"])
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    if not has_request_context():
        return default
    profile = getattr(current_user, "locale", "") if current_user else ""
    for wanted in (profile, session.get("locale", "")):
        if wanted in languages:
            return str(wanted)
    for tag, quality in request.accept_languages:  # best first
        language = tag.partition("-")[0].lower()
        if quality > 0 and language in languages:
            return language
    return default


def current_reseller() -> Reseller | None:
    """Return the reseller whose console or portal is open, None on the platform and before sign-in."""
    from app.extensions import db

    reseller_id = current_scope().reseller_id
    if reseller_id is None or current_scope().kind is ScopeKind.STOREFRONT:
        return None
    if "current_reseller" not in g or g.current_reseller.id != reseller_id:
        g.current_reseller = db.session.get(Reseller, reseller_id)
    reseller: Reseller | None = g.current_reseller
    return reseller


def _adopt_time_zone() -> None:
    if request.blueprint in ("static", "appbuilder") or request.endpoint in ("static", None):
        return
    reseller = current_reseller() if current_user.is_authenticated else None
    if reseller is not None:
        g.time_zone = reseller.time_zone


def _initials(name: str) -> str:
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"


def _user() -> dict[str, Any] | None:
    if not current_user.is_authenticated:
        return None
    return {
        "name": current_user.name or current_user.email,
        "initials": _initials(current_user.name),
        "email": current_user.email,
        # A customer's people all have the same one, and no use for its name.
        "role": current_user.role_name if current_user.customer_id is None else "",
        "profile_url": url_for("ProfileView.show"),
    }


def _scope_words(kind: str, reseller: Reseller | None) -> tuple[str, str]:
    if reseller is None:
        return ("Cloudtally", current_user.role_name or "") if kind == "platform" else ("", "")
    return reseller.name, f"{reseller.currency} · {reseller.time_zone}"


def build_shell() -> SimpleNamespace:
    """Return the frame's data for the running request; built once per request."""
    if "shell" in g:
        return g.shell  # type: ignore[no-any-return]
    kind = AREA_OF.get(current_scope().kind, "anonymous") if current_user.is_authenticated else "anonymous"
    reseller = current_reseller() if kind in ("console", "portal") else None
    in_settings = kind == "console" and request.path.startswith("/settings/")
    nav = (
        []
        if kind == "anonymous"
        else grouped(visible_items("settings" if in_settings else kind), request.path)
    )
    entered = (
        session.get("entered_reseller") if kind == "console" and current_user.reseller_id is None else None
    )
    name, note = _scope_words(kind, reseller)
    locale = str(get_locale() or "en")
    g.shell = SimpleNamespace(
        kind=kind,
        nav=nav,
        asset_version=current_app.extensions["asset_version"],
        in_settings=in_settings,
        home_url="/",
        scope_name=name,
        scope_note=note,
        entered={"name": name, "reason": entered["reason"], "leave_url": url_for("EnterView.leave")}
        if entered
        else None,
        user=_user(),
        lang=locale,
        locales=[
            {"code": code, "name": item["name"], "current": code == locale}
            for code, item in current_app.config["LANGUAGES"].items()
        ],
        set_locale_url=url_for("LanguageView.choose"),
        logout_url=url_for("SignInView.logout"),
        logo_url=None,
        icon_url=None,
        style_url=None,
        brand=None,
        can_search=kind == "console",
        search_url=url_for("CustomerModelView.list") if kind == "console" else "",
        reseller=reseller,
    )
    return g.shell  # type: ignore[no-any-return]


class _LazyShell:
    """Builds the frame's data when a template first asks: mails and files never do."""

    def __getattr__(self, name: str) -> Any:
        shell = build_shell()
        self.__dict__.update(vars(shell))  # so that this is asked once per template
        return getattr(shell, name)


def may(verb: str, subject: str) -> bool:
    """May the signed-in person do ``verb`` on ``subject``? The templates' way to ask ``security.roles``."""
    return bool(current_app.extensions["appbuilder"].sm.has_access(f"can_{verb}", subject))


def sees_margin() -> bool:
    """May the signed-in person see what usage costs the reseller, and what is left? Whoever may see its reports.

    The one rule for every screen of the console; customers never see either.
    """
    return may("show", "Reports")


def init_app(app: Flask) -> None:
    """Register the frame's data on ``app``."""
    app.jinja_env.globals["may"] = may
    app.before_request(_adopt_time_zone)
    app.context_processor(lambda: {"shell": _LazyShell()})
