"""What the product stands on before any table: settings, the instance folder, compiled translations."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from app.doctor.faults import ERROR, WARNING, Fault

_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


def check_settings() -> list[Fault]:
    """Are the settings fit for the place that they say this is?"""
    from config import production_faults

    settings = current_app.config
    if settings.get("CLOUDTALLY_ENV") == "production":
        return [_of_setting(fault) for fault in production_faults(settings)]
    faults = []
    host = urlsplit(str(settings.get("CLOUDTALLY_PUBLIC_URL") or "")).hostname
    if host and host not in _LOCAL_HOSTS:
        faults.append(
            Fault(
                "not_production",
                WARNING,
                f"People use this installation at {host}, but CLOUDTALLY_ENV is not production.",
                "Set CLOUDTALLY_ENV=production; then keys and addresses are checked at every start.",
            )
        )
    if not settings.get("SECRET_KEY"):
        faults.append(
            Fault(
                "secret_key_missing",
                WARNING,
                "There is no SECRET_KEY yet; run.py makes one at its first start, other servers do not.",
                "Start with run.py once, or set SECRET_KEY.",
            )
        )
    return faults


def _of_setting(fault: str) -> Fault:
    """Turn a line of the configuration's own check into a fault with a code."""
    what, _, advice = fault.partition("; ")
    if what.startswith("SECRET_KEY"):
        return Fault("secret_key_weak", ERROR, f"{what}.", advice or "Set another SECRET_KEY.")
    if what.startswith("CLOUDTALLY_PUBLIC_URL"):
        advice = "Set CLOUDTALLY_PUBLIC_URL to the https address that people use."
        return Fault("public_address_not_https", ERROR, f"{what}.", advice)
    return Fault("settings_not_for_production", ERROR, f"{what}.", "Take the settings away and start again.")


def check_instance_folder() -> list[Fault]:
    """Can the instance folder be written? SQLite's database is there; beside PostgreSQL little depends on it."""
    folder = Path(current_app.instance_path)
    is_needed = str(current_app.config["SQLALCHEMY_DATABASE_URI"]).startswith("sqlite")
    try:
        with tempfile.TemporaryFile(dir=folder):
            return []
    except OSError as problem:
        return [
            Fault(
                "instance_folder_not_writable",
                ERROR if is_needed else WARNING,
                f"The instance folder {folder} cannot be written ({problem.strerror or problem}).",
                "Give it to the account that the product runs as, or set CLOUDTALLY_INSTANCE to another folder.",
            )
        ]


def check_translations() -> list[Fault]:
    """Is each catalogue compiled since it was last changed? Without, pages of that language are in English."""
    folder = Path(str(current_app.config["BABEL_TRANSLATION_DIRECTORIES"]))
    stale = [
        source.parent.parent.name
        for source in sorted(folder.glob("*/LC_MESSAGES/*.po"))
        if not _is_newer(source.with_suffix(".mo"), source)
    ]
    if not stale:
        return []
    return [
        Fault(
            "translations_not_compiled",
            WARNING,
            f"Translations are not compiled: {', '.join(stale)}.",
            "Run: flask --app app init",
            len(stale),
        )
    ]


def _is_newer(compiled: Any, source: Any) -> bool:
    return compiled.exists() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns
