"""Which language a page speaks. The framework knows the session only; we ask the profile and the browser too."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from flask_babel import get_domain, get_locale

from app.shell.context import select_locale


class LanguageManager:
    """Replaces the framework's locale selector, and its ``/lang/<code>`` that changes state by GET."""

    @staticmethod
    def take_over(appbuilder: Any) -> None:
        """Put our selector in place of the framework's, before its views are registered."""
        current_app.extensions["babel"].locale_selector = select_locale
        _translate_templates(current_app)
        appbuilder.bm.register_views = lambda: None


def _translate_templates(app: Flask) -> None:
    """Give the templates' ``_`` one look-up of the language per word: the framework's own makes three.

    A page says a hundred words, and each look-up goes through the request's context.
    """
    catalogs: dict[object, Any] = {}

    def catalog() -> Any:
        locale = get_locale()
        found = catalogs.get(locale)
        if found is None:
            found = get_domain().get_translations()
            if locale is not None:
                catalogs[locale] = found
        return found

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: catalog().ugettext(text),
        ngettext=lambda one, many, n: catalog().ungettext(one, many, n),
        pgettext=lambda context, text: catalog().upgettext(context, text),
        npgettext=lambda context, one, many, n: catalog().unpgettext(context, one, many, n),
        newstyle=True,
    )
