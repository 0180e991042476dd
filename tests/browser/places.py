"""Every screen of the product by name: who looks at it, and where it is in the world of ``world.py``."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.server import Server

OWNER = "owner@harbourline.example"
OPS = "ops@harbourline.example"
CUSTOMER_USER = "annika.feldt@tessera.example"
ADMIN = "admin@cloudtally.example"


@dataclass(frozen=True)
class Place:
    """A screen; ``needs`` is a query whose answer goes into the address."""

    name: str
    who: str | None
    path: str
    needs: str = ""
    status: int = 200

    def url(self, server: Server) -> str:
        """Return the address on this server."""
        return self.path.format(server.ask(self.needs)) if self.needs else self.path


_CUSTOMER = "SELECT id FROM customers WHERE organization = 'Tessera Health AG'"
_COLLEAGUE = "SELECT id FROM ab_user WHERE email = 'ops@harbourline.example'"
_RESELLER = "SELECT id FROM resellers WHERE nickname = 'harbourline'"
_FIELD = "SELECT min(id) FROM custom_field_definitions WHERE name = 'territory'"


def _workspace(name: str, path: str) -> Place:
    return Place(f"customer-{name}", OPS, f"/customers/{{}}/{path}", _CUSTOMER)


CONSOLE = (
    Place("home", OPS, "/home/"),
    Place("customers", OPS, "/customers/list/"),
    Place("customers-no-match", OPS, "/customers/list/?q=zzzz&status=active"),
    Place(
        "customers-columns", OPS, "/customers/list/?columns=organization&columns=country&columns=cf_territory"
    ),
    Place("view-add", OPS, "/views/customers/add?status=active"),
    Place("customer-add", OPS, "/customers/add"),
    Place("import", OPS, "/customers/import/"),
    _workspace("information", ""),
    _workspace("users", "users/"),
    _workspace("user-add", "users/add/"),
    _workspace("custom-fields", "custom-fields/"),
    _workspace("providers", "providers/"),
    _workspace("provider", "providers/aws/"),
    _workspace("accounts", "accounts/"),
    _workspace("account-add", "accounts/add/"),
    _workspace("charges", "charges/"),
    _workspace("tax", "tax/"),
    _workspace("timeline", "timeline/"),
    Place("pricebooks", OPS, "/pricebooks/"),
    Place("pricebook-add", OPS, "/pricebooks/add"),
    Place("settings", OWNER, "/settings/"),
    Place("account", OWNER, "/settings/account/"),
    Place("users", OWNER, "/settings/users/"),
    Place("user-add", OWNER, "/settings/users/add"),
    Place("user", OWNER, "/settings/users/{}/", _COLLEAGUE),
    Place("mails", OWNER, "/settings/mails/"),
    Place("custom-fields", OPS, "/settings/custom-fields/"),
    Place("custom-field-add", OPS, "/settings/custom-fields/add"),
    Place("custom-field", OPS, "/settings/custom-fields/edit/{}", _FIELD),
    Place("charges", OPS, "/settings/charges/"),
    Place("charge-add", OPS, "/settings/charges/add"),
    Place("taxes", OPS, "/settings/taxes/"),
    Place("tax-add", OPS, "/settings/taxes/add"),
    Place("audit", OPS, "/audit/list/"),
    Place("profile", OPS, "/profile/"),
)
PLATFORM = (
    Place("platform-home", ADMIN, "/platform/"),
    Place("resellers", ADMIN, "/platform/resellers/list/"),
    Place("reseller-add", ADMIN, "/platform/resellers/add"),
    Place("reseller", ADMIN, "/platform/resellers/show/{}", _RESELLER),
    Place("provider-catalogue", ADMIN, "/platform/providers/list/"),
    Place("provider-catalogue-add", ADMIN, "/platform/providers/add"),
    Place("platform-users", ADMIN, "/platform/users/list/"),
    Place("platform-mails", ADMIN, "/platform/mails/"),
    Place("roles", ADMIN, "/platform/roles/list/"),
    Place("platform-audit", ADMIN, "/audit/list/"),
)
PORTAL = (
    Place("portal", CUSTOMER_USER, "/portal/harbourline/"),
    Place("portal-profile", CUSTOMER_USER, "/profile/"),
)
OUTSIDE = (
    Place("sign-in", None, "/login/"),
    Place("invitation-gone", None, "/invitation/none/", status=404),
    Place("forgotten", None, "/password/forgotten/"),
    Place("reset-gone", None, "/password/reset/none/", status=404),
    Place("not-found", OPS, "/customers/999999/", status=404),
    Place("not-found-outside", None, "/nowhere", status=404),
    Place("not-allowed", OPS, "/platform/resellers/list/", status=403),
)
PLACES = CONSOLE + PLATFORM + PORTAL + OUTSIDE
