"""A mail put together: words, values, and the frame around them, in the recipient's language."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale

from app.notifications.addresses import one_line
from app.notifications.events import EMAIL, OF_EVERY_MAIL, Audience, Event, Kind, Variable
from app.notifications.markup import (
    OWN_COLORS,
    OWN_DARK_COLORS,
    Colors,
    Value,
    as_html,
    as_text,
    fill_line,
    read,
)
from app.notifications.wording import Words, words_of
from app.settings.branding import theme_of
from app.shell.formats import datetime_text
from app.tenancy.models import Reseller


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words. The plain text says everything that the HTML says."""

    subject: str
    text: str
    html: str


def language_of(wish: str, reseller: Reseller | None) -> str:
    """Return the language somebody is written to in: the profile's, else the reseller's first, else the product's."""
    wanted = [wish, *(reseller.language_codes[:1] if reseller else [])]
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    return next((code for code in wanted if code in current_app.config["LANGUAGES"]), default)


def brand_of(reseller: Reseller | None, event: Event) -> str:
    """Return whose name a mail carries: the reseller's, as its customers or Cloud Ops know it, else the platform's."""
    if reseller is None:
        return str(current_app.config["APP_NAME"])
    return reseller.name if event.audience is Audience.CLOUD_OPS else reseller.shown_name


def render(
    event: Event,
    *,
    language: str,
    reseller: Reseller | None,
    values: Mapping[str, Any],
    words: Words | None = None,
) -> Letter:
    """Return an event's mail. ``values`` are by variable: texts, moments, addresses; ``words`` take the place of those
    that are kept."""
    words = words or words_of(event, reseller_id=reseller.id if reseller else None, language=language)
    brand, support = brand_of(reseller, event), reseller.support_email if reseller is not None else ""
    zone = reseller.time_zone if reseller is not None else "UTC"
    given = {"BRAND": brand, "SUPPORT_EMAIL": support or ""} | dict(values)
    with force_locale(language):
        filled = {one.name: _value(one, given.get(one.name, ""), zone, event) for one in event.variables}
        blocks = read(words.body)
        # An address of ours is for the text alone: subjects are kept, and shown in lists.
        subject = fill_line(
            words.subject, {name: value for name, value in filled.items() if not value.is_link}
        )
        light, dark = _colors(reseller, event)
        frame = {"language": language, "brand": brand, "support": support, "subject": subject, "dark": dark}
        return Letter(
            subject,
            _framed("layout.txt", frame | {"content": as_text(blocks, filled)}),
            _framed("layout.html", frame | {"content": as_html(blocks, filled, light)}),
        )


def _colors(reseller: Reseller | None, event: Event) -> tuple[Colors, Colors]:
    """Return what a mail wears, on light and on dark: the reseller's colour, to everybody who knows it by its face."""
    if reseller is None or not reseller.brand_color or event.audience is Audience.CLOUD_OPS:
        return OWN_COLORS, OWN_DARK_COLORS
    themes = [theme_of(reseller.brand_color, name) for name in ("light", "dark")]
    light, dark = (Colors(one.brand, one.on_brand, one.text) for one in themes)
    return light, dark


def _framed(file: str, values: Mapping[str, Any]) -> str:
    # Not ``render_template``: what a page knows of the request and its person has no place in a mail.
    return current_app.jinja_env.get_template(f"email/{file}").render(values).strip() + "\n"


def _value(variable: Variable, given: Any, zone: str, event: Event) -> Value:
    if variable.kind is Kind.MOMENT:
        return Value(datetime_text(given, zone) if isinstance(given, datetime.datetime) else "")
    text = str(given or "")
    if variable.kind is Kind.LINK:
        return Value(one_line(text), is_link=True)
    if variable.kind is Kind.LINES:
        lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        return Value("\n".join(lines).strip(), has_lines=True)
    text = one_line(text)
    is_strangers = event.is_unproven and variable not in (EMAIL, *OF_EVERY_MAIL)
    return Value(_without_addresses(text) if is_strangers else text)


#: What mail programs make a link of.
_LINK_LIKE = re.compile(r"\S*(?:://|www\.|[^\s.@]\.[^\W\d_]{2,})\S*", re.IGNORECASE)


def _without_addresses(text: str) -> str:
    """Return what a stranger typed without anything that could be followed: nobody sends advertising with our mails."""
    return _LINK_LIKE.sub("…", text)


def samples(event: Event, reseller: Reseller | None) -> dict[str, Any]:
    """Return a value for each variable, for previews and tests."""
    found = {one.name: one.sample for one in event.variables}
    return found | {
        "BRAND": brand_of(reseller, event),
        "SUPPORT_EMAIL": reseller.support_email if reseller else "",
    }
