"""One gunicorn worker on the loopback, what its requests cost, and a person who is signed in to it."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).resolve().parent.parent
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process so far; in nanoseconds' steps where the kernel has a clock for it."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # Linux: the CPU clock of another process
    except OSError:
        times = psutil.Process(pid).cpu_times()
        return times.user + times.system


@dataclass
class Server:
    """An application served by one synchronous gunicorn worker; use as a context manager."""

    name: str
    factory: str
    environment: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    token: str = ""
    #: CPU seconds and wall seconds of the measured requests, by case.
    cpu: dict[str, list[float]] = field(default_factory=dict)
    wall: dict[str, list[float]] = field(default_factory=dict)

    def __enter__(self) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        options = [
            "--workers=1",
            "--worker-class=sync",
            "--timeout=120",
            "--log-level=error",
            "--no-control-socket",
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, f"--bind=127.0.0.1:{self.port}", self.factory],
            cwd=ROOT,
            env=os.environ | self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_problem: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name}: gunicorn ended with status {self.process.returncode}")
            try:
                self.request("GET", "/login/")
                (self.worker,) = psutil.Process(self.process.pid).children()
                return
            except (OSError, ValueError):
                time.sleep(0.2)
        raise RuntimeError(f"{self.name}: no answer within 60 s")

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Send one request; return status, body and the address it redirects to. Keeps the session cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie, "Accept-Language": "en"}
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or ():
            self.cookie = value.partition(";")[0]
        connection.close()
        return answer.status, text, answer.headers.get("Location", "")

    def sign_in(self, email: str, password: str, form_path: str) -> None:
        """Sign in through the page, and keep the token of the form that creates."""
        names = {}
        _status, page, _to = self.request("GET", "/login/")
        for name in ("username", "email"):
            if f'name="{name}"' in page:
                names[name] = email
        form = names | {"password": password, "csrf_token": _token(page)}
        status, page, _to = self.request("POST", "/login/", form)
        if status != 302:
            raise RuntimeError(f"{self.name}: signing in answered {status}")
        status, page, _to = self.request("GET", form_path)
        if status != 200:
            raise RuntimeError(f"{self.name}: {form_path} answered {status}")
        self.token = _token(page)

    def measure(self, case: str, send: Callable[[Server], int], expected: int, times: int) -> None:
        """Send ``times`` requests of one case and note what they cost the worker."""
        before = cpu_seconds(self.worker.pid)
        for _ in range(times):
            began = time.perf_counter()
            status = send(self)
            self.wall.setdefault(case, []).append(time.perf_counter() - began)
            if status != expected:
                raise RuntimeError(f"{self.name}: {case} answered {status} instead of {expected}")
        self.cpu.setdefault(case, []).append((cpu_seconds(self.worker.pid) - before) / times)


def _token(page: str) -> str:
    found = TOKEN.search(page)
    if found is None:
        raise RuntimeError("a page without a form token")
    return found.group(1)


def new_name() -> str:
    """Return an organization that does not exist yet."""
    return f"Bench {secrets.token_hex(8)}"
