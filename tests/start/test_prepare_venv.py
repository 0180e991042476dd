"""`make`'s first step: finds a Python that fits, installs once, and says in one line why it cannot."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="make and sh are for Unix")


class Workshop:
    """A copy of what make needs, with a PATH that holds only what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.bin = folder / "bin"
        (self.folder / ".ci").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy(ROOT / ".ci" / "prepare-venv", self.folder / ".ci" / "prepare-venv")
        shutil.copy(ROOT / "Makefile", self.folder / "Makefile")
        (self.folder / "requirements.txt").write_text("")
        (self.folder / "requirements-dev.txt").write_text("# more\n")
        for tool in ("sh", "dirname", "cksum", "rm", "cat", "make", "mkdir", "touch", "pwd"):
            found = shutil.which(tool)
            assert found, f"{tool} is needed by make"
            (self.bin / tool).symlink_to(found)

    def program(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def real_python(self, name: str = "python3") -> None:
        self.program(name, f'exec "{Path(sys.executable).resolve()}" "$@"')

    def run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command or ("sh", ".ci/prepare-venv", "run"),
            cwd=self.folder,
            env={"PATH": str(self.bin), "HOME": str(self.folder), **environ},
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def _only_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_old_python_is_refused(workshop: Workshop) -> None:
    workshop.program("python3", 'case "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac')

    line = _only_line(workshop.run())

    assert "needs Python 3.11, 3.12 or 3.13; found here: 3.9" in line


def test_no_python_is_said(workshop: Workshop) -> None:
    assert "found here: none" in _only_line(workshop.run())


def test_make_passes_the_line_and_the_failure_on(workshop: Workshop) -> None:
    result = workshop.run("make", "run")

    assert result.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in result.stderr
    assert not (workshop.folder / ".venv").exists()


def test_python_named_by_the_person_is_the_only_one_tried(workshop: Workshop) -> None:
    workshop.real_python()
    workshop.program("python-old", 'case "$2" in *print*) echo 3.8 ;; *) exit 1 ;; esac')

    assert "found here: 3.8" in _only_line(workshop.run(PYTHON="python-old"))


def test_missing_venv_module_names_the_package(workshop: Workshop) -> None:
    real = Path(sys.executable).resolve()
    workshop.program("python3", f'case "$*" in *"import venv"*) exit 1 ;; esac; exec "{real}" "$@"')

    assert "apt install python3-venv" in _only_line(workshop.run())


def test_folder_without_room_for_a_file_is_refused(workshop: Workshop) -> None:
    # Stands in for a read-only folder, because root may write in those: the probe's name is taken by a folder.
    workshop.real_python()
    script = (workshop.folder / ".ci" / "prepare-venv").read_text()
    (workshop.folder / ".ci" / "prepare-venv").write_text(script.replace(".written-$$", "taken"))
    (workshop.folder / "taken").mkdir()

    assert "cannot be written" in _only_line(workshop.run())


@pytest.mark.slow  # to make one takes seconds, and whoever runs the tests has just made one in this way
def test_environment_is_made_once_and_follows_the_requirements(workshop: Workshop) -> None:
    """One real environment for all of it."""
    workshop.real_python()

    first = workshop.run()
    second = workshop.run()

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "Installing requirements.txt" in first.stdout
    assert (second.stdout, second.stderr) == ("", "")

    (workshop.folder / "requirements.txt").write_text("# changed\n")
    changed = workshop.run()
    developing = workshop.run("sh", ".ci/prepare-venv", "dev")
    (workshop.folder / "requirements.txt").write_text("# changed again\n")
    (workshop.folder / ".venv" / ".installed-run").unlink()
    implied = workshop.run()

    assert "Installing requirements.txt" in changed.stdout
    assert "Installing requirements-dev.txt" in developing.stdout
    assert implied.stdout == ""


def test_uv_is_used_when_it_is_there(workshop: Workshop) -> None:
    workshop.real_python()
    real = Path(sys.executable).resolve()
    workshop.program(
        "uv",
        f'echo "$@" >> uv.log; if [ "$1" = venv ]; then mkdir -p .venv/bin; ln -s "{real}" .venv/bin/python; fi',
    )
    (workshop.bin / "ln").symlink_to(shutil.which("ln") or "")

    result = workshop.run()

    assert result.returncode == 0, result.stderr
    log = (workshop.folder / "uv.log").read_text()
    assert "venv --quiet" in log
    assert (
        "pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements.txt"
        in log
    )


def test_failed_installation_is_tried_again(workshop: Workshop) -> None:
    workshop.real_python()
    workshop.program("uv", 'case "$1" in venv) mkdir -p .venv ;; *) echo "no network" >&2; exit 2 ;; esac')

    result = workshop.run()

    assert result.returncode == 1
    assert "could not be installed" in result.stderr
    assert not (workshop.folder / ".venv" / ".installed-run").exists()
