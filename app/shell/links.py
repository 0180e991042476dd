"""Addresses that leave the page: in invitations and mails."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, url_for

from app.tenancy.models import Reseller


def external_url(endpoint: str, **values: Any) -> str:
    """Return a full address. The configured public address counts; the request's host only where none is configured."""
    base = current_app.config.get("CLOUDTALLY_PUBLIC_URL") or request.host_url.rstrip("/")
    return f"{base}{url_for(endpoint, **values)}"


def mailed_url(endpoint: str, *, portal_of: Reseller | None = None, **values: Any) -> str:
    """Return a full address for a mail, with or without a request.

    ``portal_of``: the reseller whose customer reads the mail; its portal's own host name, where the platform gave it
    one, takes the place of the product's. The request's host is never believed here: whoever sends the request chooses
    it, and somebody else reads the mail.
    """
    config = current_app.config
    if portal_of is not None and portal_of.portal_host:
        return f"{_own_base(portal_of)}{current_app.url_map.bind('').build(endpoint, values)}"
    host = f"[{config['HOST']}]" if ":" in config["HOST"] else config["HOST"]
    base = config["CLOUDTALLY_PUBLIC_URL"] or f"http://{host}:{config['PORT']}"
    return f"{base}{current_app.url_map.bind('').build(endpoint, values)}"


def _own_base(reseller: Reseller) -> str:
    """Return how addresses at the portal's own host name begin: it leads to the same door, so the port is the same."""
    config = current_app.config
    public = config["CLOUDTALLY_PUBLIC_URL"]
    port = urlsplit(public).port if public else config["PORT"]
    return f"{config['PREFERRED_URL_SCHEME']}://{reseller.portal_host}" + (f":{port}" if port else "")


def wanted_place() -> tuple[str, str]:
    """Return host and path of the page that ``?next=`` of this request names, empty for what is no address."""
    try:
        parts = urlsplit(request.args.get("next", ""))
    except ValueError:  # ``http://[``, say
        return "", ""
    return parts.netloc, parts.path


def own_hosts() -> frozenset[str]:
    """Return the host names at which the product itself answers: no reseller's portal can have one of them."""
    config = current_app.config
    public = urlsplit(config["CLOUDTALLY_PUBLIC_URL"]).hostname or ""
    return frozenset({public, config["HOST"].lower(), "localhost", "127.0.0.1", "::1"} - {""})


def portal_urls(reseller: Reseller) -> list[str]:
    """Return the full addresses of a reseller's portal, to be copied: at its own host name first, where it has one."""
    own = [f"{_own_base(reseller)}/"] if reseller.portal_host else []
    return [*own, external_url("PortalView.show", nickname=reseller.nickname)]
