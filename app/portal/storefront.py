"""Whose portal a request is at: ``/portal/<nickname>/...``, or a host name of the reseller's own.

The nickname is taken out of the address before a view sees it and put into every address that is built, so the portal's
views know nothing of it. A visitor works in the storefront's scope: public settings and terms of that reseller, nothing
else. Whoever is signed in elsewhere, in the console or at another reseller, is a visitor here: the portal does not know
them and answers as to anybody.

A host name leads to its reseller's portal and to nothing else. It is compared with the request's host, no more:
addresses in mails come from settings (``app.shell.links``).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.extensions import db
from app.security.doors import DOOR_OF, DOOR_TO, Door
from app.shell.brand import wear
from app.shell.links import own_hosts
from app.shell.pages import PageView
from app.tenancy.models import Reseller
from app.tenancy.scope import Actor, Scope, ScopeKind, adopt, system_scope

PREFIX = "/portal/<string:nickname>"

#: Pages of everybody that a portal's own host name serves too, by view.
_SHARED_VIEWS = frozenset(
    {
        "static",
        "appbuilder",
        "LanguageView",
        "ProfileView",
        "OwnPasswordView",
        "SecondFactorView",
        "SessionsView",
        "SignInsView",
        "OwnDataView",
        "InvitationView",
        "PasswordView",
    }
)
_SHARED_ENDPOINTS = frozenset({"SignInView.logout", "ProviderLogoView.logo"})


class StorefrontPage(PageView):
    """A page of the portal that visitors may open. A page for customers alone says ``@has_access`` as ever."""

    route_base = PREFIX


def current_storefront() -> Reseller | None:
    """Return the reseller at whose portal this request is, None elsewhere."""
    found: Reseller | None = g.get("storefront")
    return found


def storefront() -> Reseller:
    """Return the reseller at whose portal this request is. For the portal's own views: elsewhere it is a 404."""
    found = current_storefront()
    if found is None:
        abort(404)
    return found


def portal_door(nickname: str) -> Door:
    """Return the door of one reseller's portal: for that reseller's customers only."""

    def admits(user: Any) -> bool:
        return user.customer_id is not None and user.reseller.nickname == nickname

    return Door(
        url_for("PortalSignInView.login", nickname=nickname),
        url_for("PortalSignInView.code", nickname=nickname),
        admits,
    )


def _door_of(user: Any) -> Door | None:
    return portal_door(user.reseller.nickname) if user.customer_id is not None else None


def _door_to(path: str) -> Door | None:
    nickname = _nickname_of(path)
    return portal_door(nickname) if nickname else None


def _is_portals(endpoint: str | None) -> bool:
    view = current_app.extensions["portal_views"]
    return (endpoint or "").partition(".")[0] in view


def _take_nickname(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and _is_portals(endpoint):
        g.portal_nickname = values.pop("nickname")


def _put_nickname(endpoint: str, values: dict[str, Any]) -> None:
    if "nickname" in values or not _is_portals(endpoint):
        return
    nickname = g.get("portal_nickname")
    if nickname is None and current_user and getattr(current_user, "customer_id", None):
        nickname = current_user.reseller.nickname
    if nickname is not None:
        values["nickname"] = nickname


def _enter() -> Response | None:
    """Before each request: find out whose portal it is at, and who the person is there."""
    own_host = _reseller_of_host()
    nickname = g.get("portal_nickname")
    if nickname is None and request.endpoint is None:
        nickname = _nickname_of(request.path)  # an address that is nowhere, at somebody's portal
    if nickname is None:
        return _refuse_elsewhere(own_host) if own_host is not None else None
    reseller = _reseller_named(nickname)
    if reseller is None or own_host not in (None, reseller):
        if own_host is not None:
            return _refuse_elsewhere(own_host, is_nowhere=True)
        abort(404)
    g.storefront, g.time_zone = reseller, reseller.time_zone
    wear(reseller)
    _know_own_customers_only(reseller)
    return None


def _know_own_customers_only(reseller: Reseller) -> None:
    """Whoever is signed in and belongs elsewhere is a visitor here."""
    is_at_home = (
        current_user.is_authenticated
        and current_user.customer_id is not None
        and current_user.reseller_id == reseller.id
    )
    if not is_at_home:
        g.user = g._login_user = current_app.extensions["appbuilder"].sm.lm.anonymous_user()
        visitor = Actor(None, "", request.remote_addr or "")
        adopt(Scope(ScopeKind.STOREFRONT, reseller.id, None, visitor))


def _reseller_named(nickname: str) -> Reseller | None:
    """Return the reseller with this nickname; its own customers' people have brought it with them."""
    if current_user.is_authenticated and current_user.customer_id is not None:
        own: Reseller = current_user.reseller
        if own.nickname == nickname:
            return own
    with system_scope("an address names the reseller whose portal it is"):
        return db.session.scalars(select(Reseller).where(Reseller.nickname == nickname)).one_or_none()


def _refuse_elsewhere(reseller: Reseller, *, is_nowhere: bool = False) -> Response | None:
    """A portal's own host name: its start and its door are the portal's, and what is no customer's is not there.

    ``is_nowhere``: the address names another portal, or none that there is.
    """
    wear(reseller)
    _know_own_customers_only(reseller)
    door = g.door_here = url_for("PortalSignInView.login", nickname=reseller.nickname)
    if is_nowhere:
        abort(404)
    if request.path == "/":
        return redirect(url_for("PortalView.show", nickname=reseller.nickname))
    endpoint = request.endpoint or ""
    if endpoint == "SignInView.login" and request.method == "GET" and "next" in request.args:
        return redirect(
            f"{door}?{urlencode({'next': request.args['next']})}"
        )  # whoever has to sign in is sent there
    if endpoint not in _SHARED_ENDPOINTS and endpoint.partition(".")[0] not in _SHARED_VIEWS:
        abort(404)
    return None


def _nickname_of(path: str) -> str | None:
    """Return the nickname in an address below ``/portal/``, None elsewhere."""
    place, _slash, rest = path.removeprefix("/").partition("/")
    return (rest.partition("/")[0] or None) if place == "portal" else None


def _reseller_of_host() -> Reseller | None:
    """Return the reseller whose portal has the request's host name; None for the product's own."""
    host = (urlsplit(f"//{request.host}").hostname or "").rstrip(".")
    if host in own_hosts():
        return None
    with system_scope("a host name names the reseller whose portal it is"):
        return db.session.scalars(select(Reseller).where(Reseller.portal_host == host)).one_or_none()


def init_app(app: Flask, views: tuple[type[StorefrontPage], ...]) -> None:
    """Let ``app`` read nicknames in addresses of these views, and announce the portal's doors."""
    app.extensions["portal_views"] = frozenset(view.__name__ for view in views)
    app.url_value_preprocessor(_take_nickname)
    app.url_defaults(_put_nickname)
    app.before_request(_enter)
    for finders, find in ((DOOR_OF, _door_of), (DOOR_TO, _door_to)):
        if find not in finders:
            finders.append(find)
