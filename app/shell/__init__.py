"""The frame around every page: navigation, language, headers, error pages, formats."""

from flask import Flask

from app.shell import assets, context, controls, errors, formats, headers


def init_app(app: Flask) -> None:
    """Hang the frame on one application."""
    headers.init_app(app)
    assets.init_app(app)
    errors.init_app(app)
    formats.init_app(app)
    context.init_app(app)
    controls.init_app(app)
