"""`.env.example` and the settings that the code reads are the same list."""

import re
import subprocess
from pathlib import Path

from config import TOOL_VARIABLES, VARIABLES

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def _entries() -> dict[str, tuple[str, str]]:
    """Name -> (default, the comment above it)."""
    entries = {}
    for comment, name, default in re.findall(r"((?:^# .*\n)+)^#([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE):
        text = " ".join(line.removeprefix("# ") for line in comment.splitlines())
        entries[name] = (default.strip('"'), text)
    return entries


def test_every_setting_is_in_the_example_with_its_default_and_meaning() -> None:
    expected = {
        variable.name: (variable.default, variable.meaning[0].upper() + variable.meaning[1:] + ".")
        for variable in VARIABLES
    }

    assert _entries() == expected


def test_example_sets_nothing_and_holds_no_secret() -> None:
    assert [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")] == []


def test_only_the_configuration_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "app").rglob("*.py"))
        if re.search(
            r"\bos\.(environ|getenv)\b|\bfrom os import .*\b(environ|getenv)\b",
            path.read_text(encoding="utf-8"),
        )
    ]

    assert readers == []


def test_every_variable_named_in_the_tools_is_known() -> None:
    known = {variable.name for variable in VARIABLES} | set(TOOL_VARIABLES)
    tools = [ROOT / "Makefile", *sorted((ROOT / ".ci").iterdir())]
    named = {
        name for tool in tools for name in re.findall(r"CLOUDTALLY_[A-Z_]+", tool.read_text(encoding="utf-8"))
    }

    assert named <= known


def test_a_shell_can_read_the_example() -> None:
    uncommented = re.sub(r"^#(?=[A-Z_]+=)", "", EXAMPLE, flags=re.MULTILINE)

    result = subprocess.run(["sh", "-eu", "-c", uncommented], capture_output=True, text=True, timeout=20)

    assert (result.returncode, result.stderr) == (0, "")
