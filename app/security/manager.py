"""The security manager: loads the user, adopts the scope, answers "may this person".

Overrides of Flask-AppBuilder 5.3.0, each with its reason (audited in ``tests/architecture/test_fab_version.py``):
``has_access``, ``_has_view_access``, ``is_item_public``, ``get_user_menu_access``: rights come from ``roles.py``;
``load_user``, ``load_user_jwt``, ``auth_user_db``, ``validate_api_key``: the scope follows the principal;
``create_login_manager``: whoever has to sign in is sent to our page;
``before_request``: what comes first comes first (``first_things``);
``register_views``: the framework's own sign-in, user and role screens are replaced by ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_login import current_user
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.kernel.clock import utc_now
from app.security import attempts, sessions
from app.security.accounts import may_sign_in
from app.security.first_things import first_thing, first_things_first
from app.security.login_models import LoginPolicy, LoginSession
from app.security.models import User
from app.security.policy import Policy
from app.security.roles import ROLE_RIGHTS, RoleName
from app.tenancy.models import Reseller
from app.tenancy.scope import NOBODY, Actor, Scope, ScopeKind, adopt, current_scope, system_scope, use_scope

#: Session keys: the secret of the row in ``login_sessions``, and the reseller that a Platform Admin has entered.
LOGIN = "login"
ENTERED = "entered_reseller"

# Every request begins with one of these: built once, because building it takes longer than running it.
_USER = (
    select(User, LoginPolicy)
    .outerjoin(LoginPolicy, LoginPolicy.id == func.coalesce(User.reseller_id, 0))
    .where(User.id == bindparam("id"))
    .options(joinedload(User.roles))
)
_USER_OF_SESSION = (
    _USER.add_columns(LoginSession)
    .join(LoginSession, LoginSession.user_id == User.id)
    .where(LoginSession.token_hash == bindparam("token_hash"))
)
_READS = frozenset({"GET", "HEAD"})


def scope_of(user: Any, *, entered: int | None = None, address: str = "") -> Scope:
    """Return the scope in which ``user`` works; ``entered`` is the reseller a Platform Admin has entered."""
    role = user.role_name
    actor = Actor(user.id, user.name, address, is_platform=user.reseller_id is None)
    if user.reseller_id is None:
        if role != RoleName.PLATFORM_ADMIN:
            return NOBODY
        if entered is not None:
            return Scope(ScopeKind.RESELLER, entered, None, actor)
        return Scope(ScopeKind.PLATFORM, None, None, actor)
    if user.customer_id is not None:
        return Scope(ScopeKind.CUSTOMER, user.reseller_id, user.customer_id, actor)
    return Scope(ScopeKind.RESELLER, user.reseller_id, None, actor)


def effective_role(user: Any) -> str | None:
    """Return the role whose rights apply: a Platform Admin who has entered a reseller works as its Owner."""
    role: str | None = user.role_name
    if role == RoleName.PLATFORM_ADMIN and current_scope().kind is ScopeKind.RESELLER:
        return RoleName.OWNER.value
    if role == RoleName.CUSTOMER and user.customer_id is None:
        return None  # a customer's login without its customer may do nothing
    return role


class SecurityManager(FabSecurityManager):
    """Flask-AppBuilder's manager on our roles and scopes."""

    def create_login_manager(self, app: Any) -> Any:
        manager = super().create_login_manager(app)
        manager.login_view, manager.login_message = "SignInView.login", None
        return manager

    # -- who is it -------------------------------------------------------------------------------------------------

    def load_user(self, pk: Any) -> Any:
        token = session.get(LOGIN)
        if not isinstance(token, str):
            return None
        with system_scope("the logged-in user is loaded before a scope exists"):
            query = _USER_OF_SESSION, {"id": int(pk), "token_hash": sessions.token_hash(token)}
            found = db.session.execute(*query).unique().one_or_none()
            if found is None:
                return None
            user, policy, row = found
            if not sessions.is_alive(row, user, now=utc_now()) or not may_sign_in(user):
                return None
            if request.method in _READS:
                sessions.note_use(row, now=utc_now(), address=request.remote_addr or "")
        g.login_policy, g.login_session_id = Policy.of(policy), row.id
        return self._adopt(user)

    def load_user_jwt(self, _jwt_header: Any, jwt_data: dict[str, Any]) -> Any:
        user = self._load(jwt_data["sub"])
        if user is None:
            return None
        g.user = user
        return self._adopt(user)

    def validate_api_key(self, api_key_string: str) -> Any:
        with system_scope("an API key names its user"):
            user = super().validate_api_key(api_key_string)
            return None if user is None else self._adopt(self._load(user.id))

    @staticmethod
    def _load(pk: Any) -> Any:
        """Return who comes by a token. Nobody does who has to do something on a page first."""
        with system_scope("the logged-in user is loaded before a scope exists"):
            found = db.session.execute(_USER, {"id": int(pk)}).unique().one_or_none()
            if found is None:
                return None
            user, policy = found
            g.login_policy = Policy.of(policy)
            return user if may_sign_in(user) and first_thing(user, g.login_policy) is None else None

    def _adopt(self, user: Any) -> Any:
        if user is None:
            return None
        entered = self._entered_reseller(user)
        adopt(scope_of(user, entered=entered, address=request.remote_addr or ""))
        return user

    @staticmethod
    def _entered_reseller(user: Any) -> int | None:
        entry = session.get(ENTERED)
        if not entry or user.role_name != RoleName.PLATFORM_ADMIN or entry.get("by") != user.id:
            return None
        with use_scope(Scope(ScopeKind.PLATFORM)):
            return None if db.session.get(Reseller, entry["id"]) is None else int(entry["id"])

    def auth_user_db(
        self, username: str, password: str, *, admits: Callable[[Any], bool] = lambda _user: True
    ) -> Any:
        """Return the user whose email and password these are, None otherwise. Takes as long either way.

        ``admits``: the door's own question; whoever it refuses is answered as if the password were wrong.
        """
        visitor = attempts.Visitor(request.remote_addr or "", request.user_agent.string)
        return attempts.take_password(username, password, admits=admits, visitor=visitor, now=utc_now())

    def on_user_login(self, user: Any) -> None:
        """Nothing beyond what ``attempts`` recorded."""

    # -- may it ----------------------------------------------------------------------------------------------------

    def has_access(self, permission_name: str, view_name: str) -> bool:
        user = current_user._get_current_object()  # once, instead of at every attribute
        if not user.is_authenticated:
            return False
        return (permission_name, view_name) in ROLE_RIGHTS.get(effective_role(user) or "", ())

    def _has_view_access(self, user: Any, permission_name: str, view_name: str) -> bool:
        return (permission_name, view_name) in ROLE_RIGHTS.get(effective_role(user) or "", ())

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        return False

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        return set()  # the navigation is ours (app.shell.navigation)

    # -- screens ---------------------------------------------------------------------------------------------------

    def register_views(self) -> None:
        """Register our own sign-in, and none of the framework's security screens."""
        from app.security.views import SignInView

        self.auth_view = self.appbuilder.add_view_no_menu(SignInView)

    @staticmethod
    def before_request() -> Any:
        g.user = current_user
        return first_things_first()
