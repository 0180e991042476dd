"""``run.py`` for a browser: ``python -m tests.browser.serving [--worker]``.

It is the product's own start but for two things that cost seconds and that no page shows: to check a password is cheap,
and there is no worker unless somebody waits for a mail. tests/start/test_run.py starts it as it is.
"""

from __future__ import annotations

import sys
from typing import Any

import config
import run

CHEAP = "pbkdf2:sha256:1"


class NoWorker:
    """Stands where ``run.WorkerKeeper`` keeps a worker."""

    def __init__(self, settings: dict[str, Any]) -> None:
        pass

    def start(self) -> None:
        """Start nothing."""

    def stop(self) -> None:
        """Stop nothing."""


def main() -> int:
    """Serve until stopped; answers the exit status."""
    load = config.load
    config.load = lambda *given: load(*given) | {"FAB_PASSWORD_HASH_METHOD": CHEAP}
    if "--worker" not in sys.argv:
        run.WorkerKeeper = NoWorker  # type: ignore[assignment,misc]
    return run.main()


if __name__ == "__main__":
    sys.exit(main())
