"""What the platform requires of its own people's logins."""

from __future__ import annotations

from app.security.policy_page import PolicyPage


class PlatformPasswordRequirementsView(PolicyPage):
    """Password Requirements of Platform Admins; each reseller sets its own."""

    route_base = "/platform/password-requirements"
    class_permission_name = "PlatformPasswordRequirements"
