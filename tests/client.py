"""A browser's behaviour without a browser: cookies, and the CSRF token in every form."""

from __future__ import annotations

from typing import Any

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

RAW_TOKEN = "0" * 40


class Client:
    """A test client, signed in as ``person`` (``id`` and ``session_version``) where one is given."""

    def __init__(self, app: Any, person: Any = None) -> None:
        self.app = app
        self.http = app.test_client()
        assert isinstance(app.session_interface, SecureCookieSessionInterface)
        with self.http.session_transaction() as session:
            session["csrf_token"] = RAW_TOKEN
            if person is not None:
                session["_user_id"] = str(person.id)
                session["_fresh"] = True
                session["session_version"] = person.session_version
        self.token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(RAW_TOKEN)

    def get(self, url: str, **kwargs: Any) -> Any:
        """GET ``url`` without following redirects."""
        kwargs.setdefault("buffered", True)  # a half-read stream would outlive its test
        return self.http.get(url, **kwargs)

    def post(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """POST a form with its token."""
        return self.http.post(url, data={"csrf_token": self.token, **(data or {})}, **kwargs)

    def post_without_token(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """POST a form as a foreign site could."""
        return self.http.post(url, data=data or {}, **kwargs)
