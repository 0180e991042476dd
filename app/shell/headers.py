"""Security headers on every response, and requests that are refused before any view sees them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from flask import Flask, Response, abort, current_app, g, request

from app.kernel.numbers import LARGEST_PAGE, small_number
from app.kernel.request_id import HEADER, current_request_id

#: The longest value of a query argument that any screen can use.
LONGEST_ARGUMENT = 500
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def csp_nonce() -> str:
    """Return the nonce that this response's own scripts carry."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _set_headers(response: Response) -> Response:
    nonce = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; script-src 'self'{nonce}; style-src 'self'{nonce}; img-src 'self' data:; "
        "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    hsts = current_app.config.get("HSTS_SECONDS", 0)
    if hsts:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={hsts}; includeSubDomains")
    response.headers[HEADER] = current_request_id() or ""
    if not request.path.startswith("/static/") and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"  # other people's money stays out of shared caches
    return response


def _refuse_garbage() -> None:
    """Answer 400 to query arguments and form fields that no screen of ours could have made.

    NUL is refused here, once: PostgreSQL stores it nowhere, and hidden fields have no validators.
    """
    if "\x00" in request.path:
        abort(400)
    for name, values in request.args.lists():
        if name.startswith(("page_", "psize_")) and None in {
            small_number(value, largest=LARGEST_PAGE) for value in values
        }:
            abort(400)
        if any("\x00" in value or len(value) > LONGEST_ARGUMENT for value in values):
            abort(400)
    if request.mimetype in _FORMS and any("\x00" in text for text in _texts_of_form()):
        abort(400)


def _texts_of_form() -> Iterator[str]:
    for name, values in request.form.lists():
        yield from (name, *values)
    for name, files in request.files.lists():
        yield from (name, *(one.filename or "" for one in files))


def init_app(app: Flask) -> None:
    """Register both on ``app``."""
    app.before_request(_refuse_garbage)
    app.after_request(_set_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
