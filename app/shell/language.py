"""Which language a page speaks. The framework knows the session only; we ask the profile and the browser too."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g
from flask_babel import Domain, get_locale

from app.shell.context import select_locale


class LanguageManager:
    """Replaces the framework's locale selector, and its ``/lang/<code>`` that changes state by GET."""

    @staticmethod
    def take_over(appbuilder: Any) -> None:
        """Put our selector in place of the framework's, before its views are registered."""
        babel = current_app.extensions["babel"]
        babel.locale_selector = select_locale
        babel.instance.domain_instance = QuickDomain(domain=babel.default_domain)
        _translate_templates(current_app, babel.instance.domain_instance)
        appbuilder.bm.register_views = lambda: None


class QuickDomain(Domain):
    """Finds the catalog once per request and language: a page says a hundred words.

    The library's own goes through the request's context four times for each word. What is found is kept beside the
    locale that it is for, in the place where ``force_locale`` and ``refresh`` change that locale.
    """

    def get_translations(self) -> Any:
        try:
            kept = g._flask_babel
            if kept.catalog_locale is kept.babel_locale:
                return kept.catalog
        except (RuntimeError, AttributeError):  # the first word of a request, or no request at all
            pass
        catalog, locale = super().get_translations(), get_locale()
        if locale is not None:
            g._flask_babel.catalog, g._flask_babel.catalog_locale = catalog, locale
        return catalog


def _translate_templates(app: Flask, domain: Domain) -> None:
    """Lead the templates' ``_`` straight to our domain."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: domain.get_translations().ugettext(text),
        ngettext=lambda one, many, n: domain.get_translations().ungettext(one, many, n),
        pgettext=lambda context, text: domain.get_translations().upgettext(context, text),
        npgettext=lambda context, one, many, n: domain.get_translations().unpgettext(context, one, many, n),
        newstyle=True,
    )
