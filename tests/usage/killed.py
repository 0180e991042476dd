"""A worker that dies at a named point of an import: ``python -m tests.usage.killed URL FOLDER JOB POINT``."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from app import create_app
from app.jobs import work
from app.usage import importing, reading
from tests.conftest import make_settings


def die(*_args: Any, **_more: Any) -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, folder: str, job_id: str, point: str) -> None:
    app = create_app(make_settings(url, CLOUDTALLY_USAGE_FOLDER=folder))
    if point == "reading":
        reading.write_rollups = die
    elif point == "before the commit":
        importing.usage_imported.send = die  # type: ignore[method-assign]
    elif point == "after the commit":
        importing._tidy = die
    with app.app_context():
        work.work_on(int(job_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
