"""Which language a page speaks. The framework knows the session only; we ask the profile and the browser too."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.shell.context import select_locale


class LanguageManager:
    """Replaces the framework's locale selector, and its ``/lang/<code>`` that changes state by GET."""

    @staticmethod
    def take_over(appbuilder: Any) -> None:
        """Put our selector in place of the framework's, before its views are registered."""
        current_app.extensions["babel"].locale_selector = select_locale
        appbuilder.bm.register_views = lambda: None
