"""Work on the own login, whoever is signed in and wherever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from flask_login import current_user

from app.security.manager import scope_of
from app.tenancy.scope import use_scope


@contextmanager
def own_scope() -> Iterator[None]:
    """Work on the own login. A Platform Admin who has entered a reseller is none of its people."""
    with use_scope(scope_of(current_user, address=request.remote_addr or "")):
        yield
