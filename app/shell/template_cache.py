"""Compiled templates, kept for the next process: compiling those of a page takes longer than answering it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class TemplateCache(FileSystemBytecodeCache):
    """A folder that may be deleted at any time, or be none. What is kept is void once its template has changed."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    """Keep the application's compiled templates in the configured folder, if there is one."""
    folder = app.config.get("CLOUDTALLY_TEMPLATE_CACHE")
    if not folder:
        return
    with suppress(OSError):
        # Whoever can write here decides what the product runs.
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_options = {**app.jinja_options, "bytecode_cache": TemplateCache(folder)}
