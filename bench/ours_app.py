"""The product as gunicorn serves it in the bench; its database is named by ``CLOUDTALLY_BENCH_URL``."""

from __future__ import annotations

import os

from flask import Flask

from app import create_app
from app.kernel.translations import compile_catalogs
from bench import data


def serve() -> Flask:
    """What gunicorn calls."""
    compile_catalogs(data.ROOT / "translations")
    return create_app(data.make_settings(os.environ["CLOUDTALLY_BENCH_URL"]))
