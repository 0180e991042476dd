"""Static files stay in the browser: their addresses carry a version, and what carries one may be kept for a year."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request

KEPT = "public, max-age=31536000, immutable"
#: For addresses without a version, such as the icon of the browser's tab: asked for again once a day.
KEPT_FOR_A_DAY = "public, max-age=86400"


def version_of(folder: Path) -> str:
    """Return a short word that changes with any sheet or script of ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".css", ".js"):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


def _keep(response: Response) -> Response:
    is_static = (request.endpoint or "").rpartition(".")[2] == "static"
    if is_static and response.status_code in (200, 304):
        response.headers["Cache-Control"] = KEPT if "v" in request.args else KEPT_FOR_A_DAY
    return response


def init_app(app: Flask) -> None:
    """Register the version for templates and the headers for browsers."""
    version = version_of(Path(app.static_folder or "") / "shell")
    app.extensions["asset_version"] = app.jinja_env.globals["asset_version"] = version
    app.after_request(_keep)
