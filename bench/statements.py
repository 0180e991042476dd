"""How many SQL statements each page of ours takes, asked inside this process with the same person's session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event
from sqlalchemy.engine import Engine

from app import create_app
from bench import data


class _Inside:
    """Stands in for a server: sends the same requests to the application object."""

    def __init__(self, app: Any, cookie: str, token: str) -> None:
        self.http = app.test_client(use_cookies=False)
        self.cookie, self.token = cookie, token

    def request(self, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str, str]:
        answer = self.http.open(
            path,
            method=method,
            data=urlencode(form) if form else None,
            content_type="application/x-www-form-urlencoded" if form else None,
            headers={"Cookie": self.cookie, "Host": "127.0.0.1"},
        )
        return answer.status_code, answer.text, ""


def count_statements(
    url: str, cookie: str, token: str, cases: Mapping[str, Callable[[Any], int]]
) -> dict[str, int]:
    """Return statements per request by case; BEGIN and COMMIT are not counted."""
    seen: list[str] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    inside = _Inside(create_app(data.make_settings(url)), cookie, token)
    counted = {}
    for case, send in cases.items():
        send(inside)
        seen.clear()
        status = send(inside)
        if status >= 400:
            raise RuntimeError(f"{case} answered {status} while its statements were counted")
        counted[case] = len(seen)
    return counted
