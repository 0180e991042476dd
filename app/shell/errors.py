"""One place that turns refusals into pages: plain words, the right status, never a trace."""

from __future__ import annotations

import logging
import math
import time
from typing import Any

from flask import Flask, current_app, render_template
from flask_babel import gettext as _
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException

from app.errors import DomainError, EditConflict, WrongState
from app.extensions import db
from app.kernel.request_id import current_request_id
from app.shell.context import current_reseller
from app.tenancy.scope import ScopeKind, current_scope

log = logging.getLogger(__name__)


def error_page(code: int, title: str, text: str, *, back: tuple[str, str] | None = None) -> tuple[str, int]:
    """Return the error page with its status. ``back`` is label and address of its button, else the start page's."""
    page = render_template(
        "errors/error.html",
        code=code,
        title=title,
        text=text,
        action_label=_("Go to the start page"),
        action_url="/",
        back=back,
    )
    return page, code


def refusal_page(problem: DomainError, *, back: tuple[str, str] | None = None) -> tuple[str, int]:
    """Return the page that says why something was refused. Nobody was faster where a rule stands in the way."""
    title, text = _words(problem.status)
    if problem.status == WrongState.status and not isinstance(problem, EditConflict):
        title = _("This cannot be done")
    return error_page(problem.status, title, str(problem) or text, back=back)


def _who_can_help() -> str:
    """Return what a person whose role lacks the page can do about it."""
    scope = current_scope()
    if scope.kind is ScopeKind.PLATFORM:
        return _("This page belongs to a reseller. Enter the reseller's console first.")
    if scope.kind is ScopeKind.CUSTOMER:
        reseller = current_reseller()
        if reseller is not None and reseller.support_email:
            return _(
                "Your login does not include this page. Write to %(email)s.", email=reseller.support_email
            )
        return _("Your login does not include this page.")
    if getattr(current_user, "role_name", None) in ("Reseller Owner", "Platform Admin"):
        return _("Your role does not include this page.")
    return _("Your role does not include this page. Ask an owner of your account.")


def _words(code: int) -> tuple[str, str]:
    """Return title and text of an error page; only what is shown is looked up."""
    match code:
        case 400:
            return _("This request cannot be used"), _("Go back, reload the page and try again.")
        case 403:
            return _("This is not yours to open"), _who_can_help()
        case 404:
            return _("There is nothing here"), _("This page does not exist, or it is not yours to see.")
        case 405:
            return _("This address does not take that"), _("Open the page from the menu instead.")
        case 409:
            return (
                _("Somebody was faster"),
                _("The record changed in the meantime. Open it again to see how it is now."),
            )
        case 413:
            return (
                _("This is too large"),
                _("What was sent is larger than this page accepts. Nothing was saved."),
            )
        case 429:
            return _("Too many tries"), _("Wait a while, then try again.")
    return _("This did not work"), _our_fault()


def _our_fault() -> str:
    return _(
        "The fault is ours, and it was written down as request %(id)s. Nothing was saved.",
        id=current_request_id(),
    )


def _on_http(problem: HTTPException) -> Any:
    if problem.code is None or problem.code < 400:
        return problem
    return error_page(problem.code, *_words(problem.code))


def _on_limit(_problem: RateLimitExceeded) -> Any:
    """Too many tries: say to programs, too, after how many seconds another one is looked at."""
    now = time.time()
    waits = [
        one.reset_at - now
        for limiter in current_app.extensions["limiter"]
        for one in limiter.current_limits
        if one.breached
    ]
    return *error_page(429, *_words(429)), {"Retry-After": str(max(1, math.ceil(max(waits, default=1))))}


def _on_csrf(_problem: CSRFError) -> Any:
    return error_page(
        400,
        _("This form has expired"),
        _("Go back, reload the page and send the form again. Nothing was saved."),
    )


def _on_domain(problem: DomainError) -> Any:
    db.session.rollback()
    return refusal_page(problem)


def _on_gone(_problem: ObjectDeletedError) -> Any:
    """Somebody else removed the row while this request was working on it."""
    db.session.rollback()
    return error_page(404, *_words(404))


def _on_stale(_problem: StaleDataError) -> Any:
    db.session.rollback()
    return error_page(409, *_words(409))


def _on_database(problem: SQLAlchemyError) -> Any:
    db.session.rollback()
    log.error("database error in request %s", current_request_id(), exc_info=problem)
    return error_page(500, *_words(500))


def _on_anything(problem: Exception) -> Any:
    db.session.rollback()
    log.error("unexpected error in request %s", current_request_id(), exc_info=problem)
    return error_page(500, *_words(500))


def init_app(app: Flask) -> None:
    """Register the handlers on ``app``."""
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(RateLimitExceeded, _on_limit)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(DomainError, _on_domain)
    app.register_error_handler(StaleDataError, _on_stale)
    app.register_error_handler(ObjectDeletedError, _on_gone)
    app.register_error_handler(SQLAlchemyError, _on_database)
    if not app.testing:
        app.register_error_handler(Exception, _on_anything)
