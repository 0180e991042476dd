"""Prints the table of ``docs/mails.md`` from ``app/notifications/events.py``.

``python -m tests.notifications.mails_table`` writes it into the page, between its two marks.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.notifications.events import EVENTS, GROUPS, OF_EVERY_MAIL, Audience, Event

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mails.md"
BEGIN, END = "<!-- printed by tests/notifications/mails_table.py -->", "<!-- until here -->"

RECIPIENTS = {
    Audience.PERSON: "the person",
    Audience.RESELLER: "the reseller",
    Audience.CLOUD_OPS: "Cloud Ops",
}


def _switch(event: Event) -> str:
    if event.not_yet:
        return str(event.not_yet).partition(":")[2].strip(" .")
    return "always" if event.is_fixed else "on" if event.is_on else "off"


def _row(event: Event) -> str:
    variables = " ".join(
        f"**`{one.name}`**" if one.name == event.lets_in else f"`{one.name}`"
        for one in event.variables
        if one not in OF_EVERY_MAIL
    )
    cells = (f"`{event.key}`", str(event.sentence), RECIPIENTS[event.audience], variables, _switch(event))
    return f"| {' | '.join(cells)} |"


def table() -> str:
    """Return the tables of all groups."""
    parts = []
    for key, label in GROUPS.items():
        rows = [_row(event) for event in EVENTS.values() if event.group == key]
        head = "| Event | Sent when | To | Variables | By default |\n| --- | --- | --- | --- | --- |"
        parts.append(f"### {label}\n\n{head}\n" + "\n".join(rows))
    return "\n\n".join(parts)


def page(text: str) -> str:
    """Return the page with the table as it is now."""
    before, _begin, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


def main() -> int:
    """Write the table into the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
