"""Cloudtally: open-source software for companies that resell cloud services."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from app.kernel import naming  # noqa: F401 - before any model is declared
from app.kernel.collector import collector_at_rest

ROOT = Path(__file__).resolve().parent.parent


@collector_at_rest()
def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Return a new application. ``settings`` are those of ``config.load()``; by default the environment's."""
    import config
    from app.kernel.limited_request import LimitedRequest
    from app.tenancy.guard import read_models_anew

    settings = config.load() if settings is None else settings
    config.check_production(settings)
    app = Flask(__name__, instance_path=str(settings.get("CLOUDTALLY_INSTANCE", ROOT / "instance")))
    app.config.from_mapping(settings)
    app.request_class = LimitedRequest
    _trust_proxies(app)
    _extend(app)
    with app.app_context():
        _make_appbuilder(app)
    read_models_anew()
    return app


def _trust_proxies(app: Flask) -> None:
    from werkzeug.middleware.proxy_fix import ProxyFix

    count = app.config.get("CLOUDTALLY_PROXY_COUNT", 0)
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _extend(app: Flask) -> None:
    from app import cli, shell
    from app.extensions import csrf, db, mail, migrate
    from app.jobs import queue
    from app.kernel import database  # noqa: F401 - listens to every engine
    from app.security import doors
    from app.shell import template_cache

    template_cache.init_app(app)  # first: extensions ask for the environment of the templates
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    mail.init_app(app)
    queue.init_app(app)
    shell.init_app(app)
    doors.init_app(app)
    cli.init_app(app)


def _make_appbuilder(app: Flask) -> None:
    from flask_appbuilder import AppBuilder

    from app.extensions import db
    from app.security.manager import SecurityManager
    from app.shell.language import LanguageManager
    from app.shell.views import StartView
    from app.slices import register_slices

    class Builder(AppBuilder):
        """Flask-AppBuilder with our language rule, and without its way back, menu and API description."""

        def _add_admin_views(self) -> None:
            LanguageManager.take_over(self)
            self._indexview = self.add_view_no_menu(self.indexview)
            self.sm.register_views()

    register_slices(Builder(app, db.session, indexview=StartView, security_manager_class=SecurityManager))
