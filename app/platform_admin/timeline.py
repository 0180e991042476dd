"""Entries of the change log as the timeline draws them."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

from app.audit.models import AuditEntry
from app.audit.words import change_lines, sentence


def timeline(entries: Iterable[AuditEntry]) -> list[SimpleNamespace]:
    """Return what the macro ``timeline`` takes."""
    return [
        SimpleNamespace(
            actor_name=entry.actor_name,
            actor_kind=entry.actor_kind,
            sentence=sentence(entry),
            changes=[] if entry.action == "created" else change_lines(entry),
            at=entry.at,
            link=None,
        )
        for entry in entries
    ]
