"""Where usage is kept: the store, the uploads on their way into it, and the folder that is watched."""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

from duckdb import DuckDBPyConnection
from flask import current_app

from app.usage.store import Store

#: Endings that tell a reader how to open a file; whatever else a file is called stays in the database.
_ENDINGS = (".csv.gz", ".csv.gzip", ".parquet", ".csv", ".gz", ".zip", ".txt")
_UPLOADS = ".uploads"
#: How much memory the connection that stays open may take; large months are read by jobs, which have one of their own.
_SHARED_MEMORY = "384MB"


def store() -> Store:
    """Return the store of this installation."""
    config = current_app.config
    return Store(
        Path(config["CLOUDTALLY_USAGE_FOLDER"]),
        memory=f"{config['CLOUDTALLY_ANALYSIS_MEMORY_MB']}MB",
        threads=config["CLOUDTALLY_ANALYSIS_THREADS"],
    )


_OPEN: dict[tuple[int, Path], DuckDBPyConnection] = {}
_OPENING = threading.Lock()


def shared_cursor() -> DuckDBPyConnection:
    """Return a connection of its own to a DuckDB that stays open: opening one takes longer than reading a customer."""
    found = store()
    name = (os.getpid(), found.root)
    with _OPENING:
        if name not in _OPEN:
            _OPEN[name] = Store(found.root, memory=_SHARED_MEMORY, threads=found.threads).connect()
        return _OPEN[name].cursor()


def watched_folder() -> Path | None:
    """Return the folder that is watched; None where none is."""
    named = current_app.config["CLOUDTALLY_USAGE_WATCH_FOLDER"]
    return Path(named) if named else None


def largest_upload() -> int:
    """Return how many bytes an uploaded file may have."""
    return int(current_app.config["CLOUDTALLY_USAGE_UPLOAD_MB"]) * 1024 * 1024


def uploads_folder(reseller_id: int) -> Path:
    """Return the folder of a reseller's uploads; it is beside the store, so that web and workers share it."""
    folder = Path(current_app.config["CLOUDTALLY_USAGE_FOLDER"]) / _UPLOADS / str(reseller_id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_name(file_name: str) -> str:
    """Return the name under which a file is kept: ours, with the ending of theirs."""
    lower = file_name.lower()
    ending = next((one for one in _ENDINGS if lower.endswith(one)), "")
    return uuid.uuid4().hex + ending


def kept_path(reseller_id: int, kept_name: str) -> Path:
    """Return where an upload is kept."""
    return uploads_folder(reseller_id) / Path(kept_name).name


def keep_copy(path: Path, reseller_id: int, kept_name: str) -> int:
    """Copy a file, or a folder of parts, to the uploads; return its size in bytes."""
    target = kept_path(reseller_id, kept_name)
    if path.is_dir():
        shutil.copytree(path, target, ignore=_links)
        return sum(one.stat().st_size for one in target.rglob("*") if one.is_file())
    shutil.copyfile(path, target)
    return target.stat().st_size


def _links(folder: str, names: list[str]) -> list[str]:
    """Leave out links: what they lead to may be somebody else's."""
    return [one for one in names if Path(folder, one).is_symlink()]


def write_piece(path: Path, piece: bytes, at: int) -> None:
    """Write a piece of an upload to its place in the file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.seek(at)
        file.write(piece)


def forget(reseller_id: int, kept_name: str) -> None:
    """Remove an upload; one that is not there is fine."""
    if not kept_name:
        return
    path = kept_path(reseller_id, kept_name)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def kept_uploads() -> Iterator[tuple[int, Path]]:
    """List the uploads of all resellers, with whose they are."""
    root = Path(current_app.config["CLOUDTALLY_USAGE_FOLDER"]) / _UPLOADS
    for folder in root.glob("*"):
        if folder.name.isdigit():
            yield from ((int(folder.name), path) for path in folder.iterdir())
