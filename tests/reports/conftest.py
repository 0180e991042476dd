"""Usage of these tests lies in a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def usage_folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "flask_app" in request.fixturenames:
        app: Any = request.getfixturevalue("flask_app")
        monkeypatch.setitem(app.config, "CLOUDTALLY_USAGE_FOLDER", str(tmp_path / "usage"))
