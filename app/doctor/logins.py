"""Roles, providers and logins: does everybody who should get in get in, and nobody else?"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import select

from app.audit.log import record
from app.doctor.faults import ERROR, MEND, WARNING, Fault, of_rows
from app.extensions import db
from app.kernel.clock import utc_now
from app.providers.catalog import CATALOG
from app.providers.models import Provider
from app.security import totp
from app.security.models import Role, User, UserStatus
from app.security.roles import CONSOLE_ROLES, RoleName
from app.tenancy.models import Reseller

_INIT = "Run: flask --app app init"


class _Login(NamedTuple):
    """What a login's faults depend on."""

    email: str
    reseller_id: int | None
    customer_id: int | None
    status: UserStatus
    active: bool
    has_password: bool
    is_invited: bool
    roles: tuple[str, ...]

    @property
    def may_sign_in(self) -> bool:
        return self.status is UserStatus.ACTIVE and self.active and self.has_password

    @property
    def is_misplaced(self) -> bool:
        """Does the role need a reseller or a customer that the login has not, or the other way round?"""
        role = self.roles[0] if len(self.roles) == 1 else ""
        if role == RoleName.PLATFORM_ADMIN:
            return self.reseller_id is not None or self.customer_id is not None
        return role in CONSOLE_ROLES and (self.reseller_id is None or self.customer_id is not None)


def missing_roles() -> list[str]:
    """Return the roles that ``init`` would add."""
    known = set(db.session.scalars(select(Role.name)))
    return [role.value for role in RoleName if role.value not in known]


def missing_providers() -> list[str]:
    """Return the providers of the catalogue that ``init`` would add."""
    known = set(db.session.scalars(select(Provider.code)))
    return [str(entry["name"]) for entry in CATALOG if entry["code"] not in known]


def check_seed() -> list[Fault]:
    """Are the roles and the providers there that every installation starts with?"""
    return [
        *of_rows("role_missing", missing_roles(), "role is missing", "roles are missing", _INIT),
        *of_rows(
            "provider_missing",
            missing_providers(),
            "provider of the catalogue is missing",
            "providers of the catalogue are missing",
            _INIT,
            level=WARNING,
        ),
    ]


def _logins() -> list[_Login]:
    roles: dict[int, list[str]] = defaultdict(list)
    for user_id, name in db.session.execute(select(User.id, Role.name).join(Role, User.roles)):
        roles[user_id].append(name)
    now = utc_now()
    query = select(
        User.id,
        User.email,
        User.reseller_id,
        User.customer_id,
        User.status,
        User.active,
        User.password.is_not(None),
        User.invitation_hash.is_not(None) & (User.invitation_expires_at > now),
    ).order_by(User.id)
    return [
        _Login(
            email,
            reseller_id,
            customer_id,
            status,
            bool(active),
            has_password,
            bool(invited),
            tuple(sorted(roles[key])),
        )
        for key, email, reseller_id, customer_id, status, active, has_password, invited in db.session.execute(
            query
        )
    ]


def check_logins() -> list[Fault]:
    """Has each login one known role that fits where it belongs, and one truth about its state?"""
    logins = _logins()
    known = {role.value for role in RoleName}
    remove = "Remove the login in the console, or give it one of the roles there."
    return [
        *of_rows(
            "login_without_role",
            [one.email for one in logins if not one.roles],
            "login has no role and may do nothing",
            "logins have no role and may do nothing",
            remove,
        ),
        *of_rows(
            "login_role_unknown",
            [one.email for one in logins if set(one.roles) - known],
            "login has a role that is none of Cloudtally's",
            "logins have a role that is none of Cloudtally's",
            remove,
        ),
        *of_rows(
            "login_several_roles",
            [one.email for one in logins if len(one.roles) > 1],
            "login has several roles, and one of them decides by chance",
            "logins have several roles, and one of them decides by chance",
            "Choose the role in the console again.",
        ),
        *of_rows(
            "login_role_misplaced",
            [one.email for one in logins if one.is_misplaced],
            "login has a role of another place: platform, reseller or customer",
            "logins have a role of another place: platform, reseller or customer",
            "Remove the login and create it again where it belongs.",
        ),
        *of_rows(
            "customer_login_without_customer",
            [
                one.email
                for one in logins
                if RoleName.CUSTOMER in one.roles and (one.customer_id is None or one.reseller_id is None)
            ],
            "customer's login belongs to no customer",
            "customers' logins belong to no customer",
            "Create the login again under the customer's Users.",
        ),
        *of_rows(
            "login_status_differs",
            [one.email for one in logins if one.active is not (one.status is UserStatus.ACTIVE)],
            "login says two things about being active and cannot be used",
            "logins say two things about being active and cannot be used",
            "Suspend the login and activate it again.",
        ),
        *_check_second_factors(),
        *_check_invitations(),
        *_check_somebody_runs_it(logins),
    ]


def _check_second_factors() -> list[Fault]:
    """Can the secrets be read with the present SECRET_KEY? A secret that cannot takes no code."""
    query = select(User.id, User.email, User.totp_secret).where(User.totp_since.is_not(None))
    rows = db.session.execute(query.order_by(User.id))
    return of_rows(
        "second_factor_unreadable",
        [email for key, email, sealed in rows if totp.unseal(sealed or "", user_id=key) is None],
        "login has a second factor that this SECRET_KEY cannot read",
        "logins have second factors that this SECRET_KEY cannot read",
        "Set the SECRET_KEY of the time when they were set up; or have them logged in with a recovery code, or "
        "their second factors taken away.",
        level=WARNING,
    )


def _suspended_and_invited() -> list[User]:
    query = select(User).where(
        User.status == UserStatus.SUSPENDED,
        User.invitation_hash.is_not(None),
        User.invitation_expires_at > utc_now(),
    )
    return list(db.session.scalars(query.order_by(User.id)))


def _close_invitations() -> None:
    for user in _suspended_and_invited():
        user.invitation_hash = user.invitation_expires_at = None
        record("invitation_closed", user, reason="flask doctor --fix")


def _check_invitations() -> list[Fault]:
    return of_rows(
        "invitation_of_suspended_login",
        [user.email for user in _suspended_and_invited()],
        "suspended login has an invitation that would work again once it is activated",
        "suspended logins have an invitation that would work again once they are activated",
        MEND,
        repair=_close_invitations,
    )


def _check_somebody_runs_it(logins: list[_Login]) -> list[Fault]:
    """Has the platform an admin, and each reseller an Owner, who can sign in?"""
    faults = []
    if not any(RoleName.PLATFORM_ADMIN in one.roles and one.may_sign_in for one in logins):
        advice = 'Run: flask --app app create-admin --name "Your Name" --email you@example.com'
        faults.append(Fault("platform_admin_missing", ERROR, "No Platform Admin can log in.", advice))
    owners = [one for one in logins if RoleName.OWNER in one.roles and one.customer_id is None]
    arrived = {one.reseller_id for one in owners if one.may_sign_in}
    invited = {
        one.reseller_id for one in owners if one.is_invited and one.status is not UserStatus.SUSPENDED
    } - arrived
    names = db.session.execute(select(Reseller.id, Reseller.name).order_by(Reseller.id)).all()
    faults += of_rows(
        "reseller_without_owner",
        [name for key, name in names if key not in arrived | invited],
        "reseller has no active Owner",
        "resellers have no active Owner",
        "Enter the reseller as a Platform Admin, then invite or activate an Owner under Settings > Account > Users.",
    )
    faults += of_rows(
        "reseller_owner_not_arrived",
        [name for key, name in names if key in invited],
        "reseller waits for its Owner to accept the invitation",
        "resellers wait for their Owner to accept the invitation",
        "Remind the person, or invite another Owner.",
        level=WARNING,
    )
    return faults
