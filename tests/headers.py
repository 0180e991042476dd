"""What every answer has to carry, so that its page is not framed, sniffed, leaked or scripted by others."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.access.pages import Page, is_page, read
from tests.outside import LINKED

EXACT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def policy_of(answer: Any) -> dict[str, list[str]]:
    """Return the directives of the Content-Security-Policy."""
    text = answer.headers.get("Content-Security-Policy", "")
    return {part.split()[0]: part.split()[1:] for part in text.split(";") if part.strip()}


def problems_of(answer: Any, page: Page | None = None) -> list[str]:
    """Return what is wrong with an answer's headers, and with its page's scripts and addresses.

    ``page``: what the answer holds, where it has been read already.
    """
    found = [name for name, value in EXACT.items() if answer.headers.get(name) != value]
    policy = policy_of(answer)
    scripts = policy.get("script-src") or policy.get("default-src") or ["missing"]
    if any(
        word in ("'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:", "data:", "missing")
        for word in scripts
    ):
        found.append(f"script-src {scripts}")
    if "'unsafe-inline'" in policy.get("style-src", []):
        found.append("style-src")
    for name in ("object-src", "base-uri", "frame-ancestors"):
        if policy.get(name) != ["'none'"] and policy.get("default-src") != ["'none'"]:
            found.append(f"{name} {policy.get(name)}")
    if "Server" in answer.headers or "X-Powered-By" in answer.headers:
        found.append("the server names itself")
    return found + (_problems_of_page(answer, page or read(answer), scripts) if is_page(answer) else [])


def _problems_of_page(answer: Any, page: Page, scripts: list[str]) -> list[str]:
    found = []
    nonces = [word[7:-1] for word in scripts if word.startswith("'nonce-")]
    for script in page.scripts:
        if "src" not in script and script.get("nonce") not in nonces:
            found.append(f"a script without its nonce: {script}")
    for style in page.styles:
        if style.get("nonce") not in nonces:
            found.append("a style element without its nonce")
    found += [f"attribute {name}" for name in page.attributes if name.startswith("on") or name == "style"]
    for address in page.addresses:
        parts = urlsplit(address)
        if (parts.scheme not in ("", "mailto", "tel") or parts.netloc) and parts.netloc not in LINKED:
            found.append(f"outside address {address}")
    if re.search(r"url\(\s*['\"]?(https?:)?//|@import", answer.text):
        found.append("an outside address in a style")
    return found
