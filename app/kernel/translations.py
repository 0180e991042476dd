"""Compiled message catalogues, made from the .po files where they are missing or older."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogs(folder: Path) -> list[Path]:
    """Bring every .mo file below `folder` up to date and answer those that were written.

    Each is replaced in one step, so a process that reads it meanwhile sees the old one or the new one.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parent.parent.name)
        partial = target.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            write_mo(file, catalog)
        partial.replace(target)
        written.append(target)
    return written
