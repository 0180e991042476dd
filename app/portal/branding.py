"""The portal's looks: the reseller's name, logo and colour on every page that its customers see."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, request, url_for
from flask_appbuilder import expose
from markupsafe import Markup

from app.kernel.colors import WHITE, hex_of, read_color, text_on
from app.portal.access import portal_terms
from app.portal.storefront import StorefrontPage, current_storefront, storefront
from app.settings.branding import brand_sheet, theme_of
from app.shell.brand import Brand, wear, worn_brand
from app.shell.context import build_shell, current_reseller
from app.tenancy.scope import ScopeKind, current_scope

#: Who can be shown the way to the terms below a page.
_SEES_TERMS = (ScopeKind.CUSTOMER, ScopeKind.STOREFRONT)
_ICON = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="{ground}"/>'
    '<text x="12" y="17" font-family="system-ui,sans-serif" font-size="14" font-weight="600" text-anchor="middle" '
    'fill="{text}">{letter}</text></svg>'
)


def dress() -> dict[str, Any]:
    """Put the brand that this request wears into the frame of its page."""
    brand = _brand()
    if brand is not None:
        shell = build_shell()
        shell.brand, shell.home_url = brand, url_for("PortalView.show", nickname=brand.nickname)
        shell.scope_name, shell.scope_note = brand.name, brand.support_email
        shell.icon_url = url_for("BrandView.icon", nickname=brand.nickname, v=brand.version)
        if current_scope().kind in _SEES_TERMS and portal_terms() is not None:
            shell.terms_url = url_for("PortalTermsView.show", nickname=brand.nickname)
        if brand.has_logo:
            shell.logo_url = url_for("PortalView.logo", nickname=brand.nickname)
            shell.icon_url = shell.logo_url
        if brand.color:
            version = hashlib.sha256(brand_sheet(brand.color).encode()).hexdigest()[:10]
            shell.style_url = url_for("BrandView.sheet", nickname=brand.nickname, v=version)
    return {}


def _brand() -> Brand | None:
    if worn_brand() is None:
        reseller = current_storefront()
        if reseller is None and current_scope().kind is ScopeKind.CUSTOMER:
            reseller = current_reseller()
        if reseller is not None:
            wear(reseller)
    return worn_brand()


class BrandView(StorefrontPage):
    """What a browser fetches beside the pages: the colours, and the mark of the tab."""

    class_permission_name = "PortalBrand"
    default_view = "sheet"

    @expose("/brand.css")
    def sheet(self) -> Any:
        """The reseller's colour over the product's."""
        return _file(brand_sheet(storefront().brand_color), "text/css")

    @expose("/icon.svg")
    def icon(self) -> Any:
        """The first letter of the name on the reseller's colour, for resellers without a logo."""
        reseller = storefront()
        ground = theme_of(reseller.brand_color or "#0e6785", "light").brand
        letter = next((one for one in reseller.shown_name if one.isalnum()), "?").upper()
        text = hex_of(text_on(read_color(ground))) if reseller.brand_color else hex_of(WHITE)
        return _file(_ICON.format(ground=ground, text=text, letter=letter), "image/svg+xml")


def _file(content: str, media_type: str) -> Any:
    response = Response(content, content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.add_etag()
    response.make_conditional(request)
    return response
