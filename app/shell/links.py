"""Addresses that leave the page: in invitations and mails."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for


def external_url(endpoint: str, **values: Any) -> str:
    """Return a full address. The configured public address counts; the request's host only where none is configured."""
    base = current_app.config.get("CLOUDTALLY_PUBLIC_URL") or request.host_url.rstrip("/")
    return f"{base}{url_for(endpoint, **values)}"


def mailed_url(endpoint: str, **values: Any) -> str:
    """Return a full address for a mail, with or without a request.

    The request's host is never believed here: whoever sends the request chooses it, and somebody else reads the mail.
    """
    config = current_app.config
    host = f"[{config['HOST']}]" if ":" in config["HOST"] else config["HOST"]
    base = config["CLOUDTALLY_PUBLIC_URL"] or f"http://{host}:{config['PORT']}"
    return f"{base}{current_app.url_map.bind('').build(endpoint, values)}"
