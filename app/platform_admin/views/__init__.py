"""The platform's screens."""

from app.platform_admin.views.admins import PlatformUserView
from app.platform_admin.views.entering import EnterView
from app.platform_admin.views.home import PlatformHomeView
from app.platform_admin.views.password_requirements import PlatformPasswordRequirementsView
from app.platform_admin.views.resellers import OwnerInvitationView, ResellerModelView, ResellerProvidersView
from app.platform_admin.views.roles import RoleView

VIEWS = (
    PlatformHomeView,
    ResellerModelView,
    ResellerProvidersView,
    OwnerInvitationView,
    PlatformUserView,
    PlatformPasswordRequirementsView,
    RoleView,
    EnterView,
)

__all__ = ["VIEWS"]
