"""Settings > Account > Password Requirements."""

from __future__ import annotations

from app.security.policy_page import PolicyPage


class PasswordRequirementsView(PolicyPage):
    """What the reseller requires of all of its logins: console users and customers' users."""

    route_base = "/settings/password-requirements"
    class_permission_name = "PasswordRequirements"
