"""`python run.py`: one clear line when it cannot start; a product that answers, stops and comes back when it can."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def settings_for(tmp_path: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT"}
    }
    return kept | {"CLOUDTALLY_INSTANCE": str(tmp_path / "instance"), "PYTHONUNBUFFERED": "1"}


def _start(environ: dict[str, str], **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py"], cwd=ROOT, env=environ | more, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14), (4, 0)])
def test_python_that_does_not_fit_is_refused(version: tuple[int, int]) -> None:
    with pytest.raises(
        run.CannotStart, match=rf"needs Python 3\.11, 3\.12 or 3\.13; this is Python {version[0]}\."
    ):
        run.check_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13, 0)])
def test_python_that_fits_is_taken(version: tuple[int, ...]) -> None:
    run.check_python(version)


def test_missing_packages_come_with_the_command_that_brings_them() -> None:
    with pytest.raises(
        run.CannotStart, match=r"missing \(no_such_thing\).*-m pip install -r .*requirements\.txt"
    ):
        run.check_packages(("babel", "no_such_thing"))


def test_missing_packages_are_said_before_anything_fails(settings_for: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-S", "run.py"],
        cwd=ROOT,
        env=settings_for,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode == 1
    assert result.stderr.startswith("Packages are missing (flask_appbuilder")
    assert len(result.stderr.splitlines()) == 1


def test_port_in_use_is_said_in_one_line(settings_for: dict[str, str], taken_port: int) -> None:
    result = _start(settings_for, PORT=str(taken_port))

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"Port {taken_port} is in use. Choose another one: PORT={taken_port + 1}\n"


@pytest.mark.parametrize(
    ("host", "words"),
    [("256.1.2.3", "not an address"), ("192.0.2.1", "cannot be used"), ("no host", "not an address")],
)
def test_address_of_another_machine_is_refused(host: str, words: str, free_port: int) -> None:
    with pytest.raises(run.CannotStart, match=words):
        run.reserve(host, free_port)


def test_instance_folder_that_cannot_be_written_is_said(
    settings_for: dict[str, str], tmp_path: Path, free_port: int
) -> None:
    (tmp_path / "file").write_text("")

    result = _start(
        settings_for, PORT=str(free_port), CLOUDTALLY_INSTANCE=str(tmp_path / "file" / "instance")
    )

    assert result.returncode == 1
    assert "cannot be written" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_wrong_settings_are_all_said(settings_for: dict[str, str]) -> None:
    result = _start(settings_for, PORT="http", CLOUDTALLY_ENV="production", CLOUDTALLY_THREADS="0")

    assert result.returncode == 1
    for name in ("PORT", "SECRET_KEY", "CLOUDTALLY_PUBLIC_URL", "CLOUDTALLY_THREADS"):
        assert name in result.stderr
    assert "Traceback" not in result.stderr


def test_database_that_is_none_is_said_in_one_line(
    settings_for: dict[str, str], tmp_path: Path, free_port: int
) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database " * 500)

    result = _start(settings_for, PORT=str(free_port), DATABASE_URL=f"sqlite:///{broken}")

    assert result.returncode == 1
    assert (
        result.stderr.strip()
        .splitlines()[-1]
        .startswith("The database cannot be used: file is not a database")
    )
    assert "Traceback" not in result.stderr


class Running:
    """A product that was started for a test: what it says, and its end."""

    def __init__(self, environ: dict[str, str], port: int) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env=environ | {"PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def until_ready(self) -> None:
        """Wait until the product said that it can be stopped, the last line of its greeting."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if "Stop with Ctrl-C" in line:
                return
        raise AssertionError(f"It ended by itself:\n{self.said}")

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.status, answer.read().decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=30)
        self.said += rest
        return self.process.returncode


def test_first_start_second_start_a_killed_worker_and_stop(
    settings_for: dict[str, str], tmp_path: Path, free_port: int
) -> None:
    first = Running(settings_for, free_port)
    try:
        first.until_ready()
        status, page = first.get("/login/")
    finally:
        ended = first.stop(signal.SIGINT)

    assert (status, ended) == (200, 0), first.said
    assert "Cloudtally" in page
    assert f"http://127.0.0.1:{free_port}" in first.said
    logins = re.findall(r"^    (.+?)  +(\S+@\S+)  +(\S.*)$", first.said, re.MULTILINE)
    assert len(logins) >= 4
    assert (tmp_path / "instance" / "cloudtally.db").is_file()
    assert (tmp_path / "instance" / "secret_key").is_file()

    second = Running(settings_for, free_port)
    try:
        second.until_ready()
        replaced = _kill_worker(second)
    finally:
        ended = second.stop(signal.SIGHUP)  # waits until nobody holds the output, which the worker shares

    assert ended == 0, second.said
    assert "First start" not in second.said
    assert re.findall(r"^    (.+?)  +(\S+@\S+)  +(\S.*)$", second.said, re.MULTILINE) == logins
    assert "Traceback" not in first.said + second.said
    assert second.said.endswith("Stopped.\n")
    assert replaced is None or not Path(f"/proc/{replaced}").exists()


def _kill_worker(product: Running) -> int | None:
    """Kill the worker and return the one that follows it; None where the system does not tell who started whom."""
    if not list(Path("/proc/self/task").glob("*/children")):
        return None
    first = _worker_of(product.process.pid)
    os.kill(first, signal.SIGKILL)
    assert product.process.stdout
    said = next(line for line in product.process.stdout if "worker ended" in line)
    second = _worker_of(product.process.pid)
    assert "another one was started" in said
    assert second != first
    return second


def test_without_demo_logins_the_greeting_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    run.announce({"HOST": "127.0.0.1", "PORT": 8080}, [])

    said = capsys.readouterr().out
    assert "http://127.0.0.1:8080" in said
    assert "Demo logins" not in said


def _worker_of(pid: int) -> int:
    """Return the process that the product has started."""
    children = {
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
        if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    }
    [worker] = children
    return worker


def test_stopping_twice_does_not_wait_for_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True
    ) as worker:
        assert worker.stdout and worker.stdout.readline()
        again, wait = iter([KeyboardInterrupt]), worker.wait

        def interrupted(timeout: float | None = None) -> int:
            for ctrl_c in again:
                raise ctrl_c
            return wait(timeout)

        monkeypatch.setattr(worker, "wait", interrupted)
        try:
            run.stop_worker(worker)
        except KeyboardInterrupt:
            pytest.fail("the worker was left running")
        finally:
            worker.kill()

    assert worker.returncode == -signal.SIGKILL
