"""The number under which one request is found again: in its answer, in the change log, and in the logs."""

from __future__ import annotations

import re
import secrets

from flask import current_app, g, has_request_context, request

HEADER = "X-Request-ID"
LONGEST = 64
_SAFE = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST}}}")


def current_request_id() -> str | None:
    """Return the running request's id: the proxy's where one is trusted, else our own. None outside of requests."""
    if not has_request_context():
        return None
    if "request_id" not in g:
        g.request_id = _id_of_proxy() or secrets.token_hex(16)
    return str(g.request_id)


def _id_of_proxy() -> str | None:
    """Return what a trusted proxy calls the request, unless it is too long or holds signs that no id needs."""
    given = request.headers.get(HEADER, "") if current_app.config.get("CLOUDTALLY_PROXY_COUNT") else ""
    return given if _SAFE.fullmatch(given) else None
