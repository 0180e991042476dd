"""The real product as a process on a port of its own with a database of its own (see ``serving``)."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "CLOUDTALLY_TEMPLATE_CACHE"}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def build_template(folder: Path) -> Path:
    """Return a database with everything in it, for servers to start from a copy of."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "tests.browser.world", str(folder)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name in KEPT},
        check=True,
        timeout=300,
    )
    return folder / "cloudtally.db"


class Server:
    """One running installation. ``restart`` ends the process and starts another one on the same records."""

    def __init__(self, instance: Path, template: Path, *, has_worker: bool = False) -> None:
        instance.mkdir(parents=True, exist_ok=True)
        self.database = instance / "cloudtally.db"
        shutil.copy(template, self.database)
        if (
            usage := template.parent / "usage"
        ).is_dir():  # what bills said is no row, but files beside the database
            shutil.copytree(usage, instance / "usage", dirs_exist_ok=True)
        self.log = instance / "server.log"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if name in KEPT} | {
            "CLOUDTALLY_INSTANCE": str(instance),
            "CLOUDTALLY_DEMO": "0",
            # Every test signs in from the same address.
            "CLOUDTALLY_LOGIN_RATE_LIMIT": "100000 per minute",
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
        self.command = [sys.executable, "-m", "tests.browser.serving", *(["--worker"] if has_worker else [])]
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait until the product says that it is ready."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Stop with Ctrl-C" in line:
                return
        self.stop()
        raise AssertionError(f"the server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End the process and wait for it."""
        if self.process is None:
            return
        self.process.terminate()
        self.process.communicate(timeout=30)
        self.process = None

    def restart(self) -> None:
        """A new process on the same database and address."""
        self.stop()
        self.start()

    def ask(self, query: str, *values: Any) -> Any:
        """Return the first value that a SELECT finds in the database file."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            row = connection.execute(query, values).fetchone()
        finally:
            connection.close()
        return row[0] if row else None

    def faults(self) -> str:
        """Return what the process wrote about errors of its own."""
        text = self.log.read_text()
        return text if "Traceback" in text or "error" in text.lower() else ""
