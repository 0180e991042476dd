"""What every control of a form carries besides its value: ``macros/form.html`` draws with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Flask
from markupsafe import Markup

#: The macros' own business, and what is drawn elsewhere: never taken from a form's author.
_LEFT_OUT = frozenset({"class", "style"})


def control_attributes(
    field_id: str, name: str, required: object, errors: object, hint: object, more: Mapping[str, Any]
) -> Markup:
    """Return the text inside a control's tag: id, name, state, what describes it, and ``more``.

    The last four of the first five only count as there or not. The same field of the same form looks the same on every
    page, so the text is kept.
    """
    kept = tuple(
        (key, str(value)) for key, value in more.items() if value is not None and key not in _LEFT_OUT
    )
    return _attributes(field_id, name, bool(required), bool(errors), bool(hint), kept)


@lru_cache(maxsize=1024)
def _attributes(
    field_id: str, name: str, required: bool, errors: bool, hint: bool, more: tuple[tuple[str, str], ...]
) -> Markup:
    parts = [Markup(' id="{}" name="{}"').format(field_id, name)]
    if required:
        parts.append(Markup(" required"))
    if errors:
        parts.append(Markup(' aria-invalid="true"'))
    if errors or hint:
        described = [f"{field_id}-{part}" for part, there in (("err", errors), ("help", hint)) if there]
        parts.append(Markup(' aria-describedby="{}"').format(" ".join(described)))
    parts += [Markup(' {}="{}"').format(key, value) for key, value in more]
    return Markup("").join(parts)


def init_app(app: Flask) -> None:
    """Give the templates what the macros draw with."""
    app.jinja_env.globals["control_attributes"] = control_attributes
