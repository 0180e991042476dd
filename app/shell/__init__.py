"""The frame around every page: navigation, language, headers, error pages, formats."""

from flask import Flask

from app.shell import assets, context, controls, errors, formats, headers, template_cache


def init_app(app: Flask) -> None:
    """Hang the frame on one application."""
    template_cache.init_app(app)  # before anything asks for the environment of the templates
    headers.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    formats.init_app(app)
    context.init_app(app)
    controls.init_app(app)
