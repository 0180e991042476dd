"""The base class of hand-written pages, and what a form page answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask_appbuilder import BaseView
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.errors import DomainError, EditConflict, Invalid
from app.extensions import db
from app.kernel.unit_of_work import unit_of_work
from app.shell.conflicts import conflict_of
from app.shell.fields import BaseForm


class PageView(BaseView):
    """A page that is no list or form of one model."""

    default_view = "show"


def duplicate() -> Invalid:
    """The refusal for a value that the database holds unique, when no service found it first."""
    return Invalid(_("One of these values is already in use. Nothing was saved."))


def submit(
    form: BaseForm, change: Callable[[], Any], *, record: Callable[[], Any] | None = None
) -> tuple[Any, int]:
    """Take a form page's request: run ``change`` when a valid form was posted; ``record`` as for ``attempt``.

    Returns its result and 200, or (None, status): 200 for a page that was only opened, 422 for a form that is not
    valid, else the refusal's status. The page shows ``form`` again with that status.
    """
    if request.method != "POST":
        return None, 200
    if not form.validate():
        return None, 422
    return attempt(form, change, record=record)


def attempt(
    form: BaseForm, change: Callable[[], Any], *, record: Callable[[], Any] | None = None
) -> tuple[Any, int]:
    """Run ``change`` in a unit of work; return its result and 200, or (None, the refusal's status).

    A refusal is attached to ``form``, so that the page can be shown again with what was entered. Where somebody else
    saved meanwhile, ``record`` finds the form's record as it is now, so that the page can say who and what.
    """
    refusal: DomainError
    try:
        with unit_of_work(db.session):
            return change(), 200
    except (EditConflict, StaleDataError):
        form.conflict = conflict_of(form, record()) if record is not None else None
        refusal = EditConflict(form.conflict.sentence) if form.conflict else EditConflict()
    except DomainError as refused:
        if refused.status in (403, 404):
            raise
        refusal = refused
    except IntegrityError:
        refusal = duplicate()
    form.attach(refusal)
    return None, refusal.status
