"""What the doctor finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: An error keeps the product or somebody's data from working as it should; a warning can wait.
ERROR, WARNING = "error", "warning"
_SHOWN = 3
MEND = "Run: flask --app app doctor --fix"


@dataclass(frozen=True)
class Fault:
    """One kind of fault: ``code`` never changes, ``sentence`` and ``advice`` are for people.

    ``repair`` runs in the system's scope inside a unit of work; None where mending needs a decision.
    """

    code: str
    level: str
    sentence: str
    advice: str
    count: int = 1
    repair: Callable[[], None] | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, str | int]:
        """Return the fault in the form that ``doctor --json`` prints; this form is stable."""
        return {
            "code": self.code,
            "level": self.level,
            "sentence": self.sentence,
            "advice": self.advice,
            "count": self.count,
        }


def is_sound(faults: Sequence[Fault]) -> bool:
    """Is none of the faults an error?"""
    return all(fault.level != ERROR for fault in faults)


def of_rows(
    code: str,
    names: Sequence[str],
    one: str,
    many: str,
    advice: str,
    *,
    level: str = ERROR,
    repair: Callable[[], None] | None = None,
) -> list[Fault]:
    """Return the fault of some rows, named by their first three; none when there are no such rows."""
    if not names:
        return []
    shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    count = len(names)
    sentence = f"{count} {one if count == 1 else many}: {shown}."
    return [Fault(code, level, sentence, advice, count, repair)]
