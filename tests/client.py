"""A browser's behaviour without a browser: cookies, and the CSRF token in every form."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app.extensions import db
from app.kernel.clock import utc_now
from app.security import sessions
from tests.worlds import BROWSERS, Person, browser_token

_browsers: dict[int, int] = {}


def _next_browser(app: Any, person: Any) -> str:
    """Return the session of another of the person's browsers, so that two clients do not share one."""
    if not isinstance(person, Person):
        with app.app_context():
            token = sessions.start(person, now=utc_now(), address="127.0.0.1", browser="")
            db.session.commit()
            return token
    _browsers[person.id] = number = (_browsers.get(person.id, -1) + 1) % BROWSERS
    return browser_token(person.id, number)


class Client:
    """A test client, signed in as ``person`` where one is given: of ``tests.worlds``, or a login that a test made."""

    def __init__(self, app: Any, person: Any = None) -> None:
        self.app = app
        self.http = app.test_client()
        assert isinstance(app.session_interface, SecureCookieSessionInterface)
        with self.http.session_transaction() as session:
            if person is not None:
                session["_user_id"] = str(person.id)
                session["_fresh"] = True
                session["login"] = _next_browser(app, person)

    @property
    def token(self) -> str:
        """The token that a form opened now would carry."""
        with self.http.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        return str(URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw))

    def opened(self, url: str, field: str = "opened") -> str:
        """Return the state that the form on the page ``url`` is opened in, or when it is (``opened_at``)."""
        found = re.search(rf'name="{field}"[^>]*value="([^"]+)"', self.get(url).text)
        assert found, f"{url} has no form that knows the state it was opened in"
        return found[1]

    def get(self, url: str, **kwargs: Any) -> Any:
        """GET ``url`` without following redirects."""
        kwargs.setdefault("buffered", True)  # a half-read stream would outlive its test
        return self.http.get(url, **kwargs)

    def post(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """POST a form that was opened just now; ``data`` may carry the token of an older one."""
        return self.http.post(url, data={"csrf_token": self.token, **(data or {})}, **kwargs)

    def post_without_token(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """POST a form as a foreign site could."""
        return self.http.post(url, data=data or {}, **kwargs)
