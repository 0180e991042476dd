"""Providers' bills as they are delivered: which format a file has, and how its columns become a normalised line."""

from __future__ import annotations

from collections.abc import Sequence

from app.usage.faults import UnreadableFile
from app.usage.formats import aws, azure, focus, google
from app.usage.formats.mapping import Format
from app.usage.formats.sources import fold

#: In the order in which they are tried.
FORMATS: tuple[Format, ...] = (aws.FORMAT, focus.FORMAT, google.FORMAT, azure.FORMAT)
BY_CODE = {format_.code: format_ for format_ in FORMATS}


def detect(header: Sequence[str]) -> Format:
    """Return the format whose columns these are; refuses a header that is no bill's, or not a whole one's."""
    names = {fold(name) for name in header}
    for format_ in FORMATS:
        if format_.signature <= names:
            missing = [
                alternatives[0]
                for alternatives in format_.required
                if not names & set(map(fold, alternatives))
            ]
            if missing:
                raise UnreadableFile("columns_missing", format=format_.code, columns=", ".join(missing))
            return format_
    raise UnreadableFile("unknown_format", columns=", ".join(list(header)[:8]))
