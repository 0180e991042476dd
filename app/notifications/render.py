"""The words of a mail: an event's templates in ``templates/email/<event>/``, in the recipient's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale

from app.tenancy.models import Reseller


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words. The plain text says everything that the HTML says."""

    subject: str
    text: str
    html: str


def language_of(user: Any, reseller: Reseller | None) -> str:
    """Return the language a person is written to in: the profile's, else the reseller's first, else the product's."""
    wanted = [user.locale, *(reseller.language_codes[:1] if reseller else [])]
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return next((code for code in wanted if code in current_app.config["LANGUAGES"]), default)


def render(event: str, *, language: str, reseller: Reseller | None, **values: Any) -> Letter:
    """Return an event's mail. ``reseller`` is whose name it carries; without one it is the platform's own."""
    values |= {
        "language": language,
        "brand": reseller.name if reseller else current_app.config["APP_NAME"],
        "zone": reseller.time_zone if reseller else "UTC",
    }

    def part(file: str) -> str:
        # Not ``render_template``: what a page knows of the request and its person has no place in a mail.
        return current_app.jinja_env.get_template(f"email/{event}/{file}").render(values).strip() + "\n"

    with force_locale(language):
        return Letter(part("subject.txt").strip(), part("body.txt"), part("body.html"))
