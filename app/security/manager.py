"""The security manager: loads the user, adopts the scope, answers "may this person".

Overrides of Flask-AppBuilder 5.3.0, each with its reason (audited in ``tests/architecture/test_fab_version.py``):
``has_access``, ``_has_view_access``, ``is_item_public``, ``get_user_menu_access``: rights come from ``roles.py``;
``load_user``, ``load_user_jwt``, ``auth_user_db``, ``validate_api_key``: the scope follows the principal;
``create_login_manager``: whoever has to sign in is sent to our page;
``before_request``: a temporary password is replaced before anything else;
``register_views``: the framework's own sign-in, user and role screens are replaced by ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import current_app, g, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_login import current_user
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.security import check_password_hash, generate_password_hash

from app.audit.log import record
from app.extensions import db
from app.kernel.clock import utc_now
from app.kernel.unit_of_work import unit_of_work
from app.security.accounts import may_sign_in
from app.security.models import User
from app.security.own_password import own_password_first
from app.security.roles import ROLE_RIGHTS, RoleName
from app.tenancy.models import Reseller
from app.tenancy.scope import NOBODY, Actor, Scope, ScopeKind, adopt, current_scope, system_scope, use_scope

log = logging.getLogger(__name__)

#: Session keys. The version ends sessions: it grows with each sign-out, password change, suspension and role change.
#: The moment of signing in (seconds since 1970) ends those that nobody ended.
SESSION_VERSION = "session_version"
SIGNED_IN_AT = "signed_in_at"
ENTERED = "entered_reseller"

# Every request begins with this one: built once, because building it takes longer than running it.
_USER_WITH_ROLES = select(User).where(User.id == bindparam("id")).options(joinedload(User.roles))


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
        if self._is_outlived():
            return None
        user = self._load(pk)
        if user is None or session.get(SESSION_VERSION) != user.session_version:
            return None
        return self._adopt(user)

    @staticmethod
    def _is_outlived() -> bool:
        """Has this session lasted as long as any may, however busy it was?"""
        signed_in_at = session.get(SIGNED_IN_AT)
        if not isinstance(signed_in_at, int):
            return True
        longest = current_app.config["SESSION_LONGEST_LIFETIME"].total_seconds()
        return bool(utc_now().timestamp() - signed_in_at >= longest)

    def load_user_jwt(self, _jwt_header: Any, jwt_data: dict[str, Any]) -> Any:
        user = self._load(jwt_data["sub"])
        if user is None or user.has_temporary_password:  # which opens nothing but the page that replaces it
            return None
        g.user = user
        return self._adopt(user)

    def validate_api_key(self, api_key_string: str) -> Any:
        with system_scope("an API key names its user"):
            user = super().validate_api_key(api_key_string)
            if user is not None and (not may_sign_in(user) or user.has_temporary_password):
                user = None
        return self._adopt(user)

    def _load(self, pk: Any) -> Any:
        with system_scope("the signed-in user is loaded before a scope exists"):
            user = db.session.scalars(_USER_WITH_ROLES, {"id": int(pk)}).unique().one_or_none()
            return user if user is not None and may_sign_in(user) else None

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
        address = (username or "").strip().lower()
        with system_scope("signing in happens before a scope exists"):
            query = select(User).where(User.email == address).options(selectinload(User.roles))
            user = db.session.scalars(query).one_or_none()
            stored = user.password if user is not None and user.password else self._decoy_hash()
            is_right = check_password_hash(stored, password or "")
            if user is None:
                self._note_stranger()
                return None
            is_right = is_right and user.role_name in ROLE_RIGHTS and admits(user)
            if not is_right or not may_sign_in(user):
                with unit_of_work(db.session):
                    self._count_attempt(user, is_right=False)
                    record("sign_in_refused", user, actor=Actor(None, address, request.remote_addr or ""))
                return None
            with unit_of_work(db.session):
                self._count_attempt(user, is_right=True)
                record("signed_in", user, actor=Actor(user.id, user.name, request.remote_addr or ""))
            db.session.refresh(user)  # the session is started before a scope may read the login again
        return user

    @staticmethod
    def _count_attempt(user: Any, *, is_right: bool) -> None:
        """Count as the framework does (``update_user_auth_stat``), which commits in the midst of it."""
        if is_right:
            user.login_count, user.fail_login_count = (user.login_count or 0) + 1, 0
            user.last_login = utc_now().astimezone().replace(tzinfo=None)
        else:
            user.fail_login_count = (user.fail_login_count or 0) + 1

    @staticmethod
    def _note_stranger() -> None:
        """Write down, on the platform's level, that an address nobody has was tried; what was typed is not kept."""
        address = request.remote_addr or ""
        log.warning("sign-in refused for an unknown login, from %s", address)
        with unit_of_work(db.session):
            record("sign_in_refused", noun="unknown_login", actor=Actor(None, "", address))

    def _decoy_hash(self) -> str:
        """A hash nobody knows the password of, so that unknown addresses cost as much time as known ones."""
        decoy: str | None = current_app.config.get("_DECOY_HASH")
        if decoy is None:
            method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
            decoy = current_app.config["_DECOY_HASH"] = generate_password_hash("decoy", method=method)
        return decoy

    def on_user_login(self, user: Any) -> None:
        """Nothing beyond what ``auth_user_db`` recorded."""

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
        return own_password_first()
