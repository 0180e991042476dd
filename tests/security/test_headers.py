"""Every answer carries the headers that keep pages from being framed, sniffed, leaked or scripted by others."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

import config
from tests.access.actors import ADMIN, ANONYMOUS, OWNER, client_of
from tests.access.conftest import stage  # noqa: F401 - the furnished world
from tests.access.expectations import LINES
from tests.access.pages import is_page, read
from tests.access.stage import Stage
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


def problems_of(answer: Any) -> list[str]:
    """Return what is wrong with an answer's headers, and with its page's scripts and addresses."""
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
    return found + (_problems_of_page(answer, scripts) if is_page(answer) else [])


def _problems_of_page(answer: Any, scripts: list[str]) -> list[str]:
    page, found = read(answer), []
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


@pytest.mark.parametrize("gets_in", [True, False])
def test_every_answer_has_its_headers(gets_in: bool, stage: Stage) -> None:  # noqa: F811
    """Asked by somebody who gets in, and by a visitor."""
    wrong = {}
    for line in LINES:
        answers = []
        for method, actors in (("get", line.get), ("post_without_token", line.post)):
            if actors is not None and (actors or not gets_in):
                client = client_of(stage.app, stage.world, actors[0] if gets_in else ANONYMOUS)
                answers.append(getattr(client, method)(stage.url(line.rule)))
        for answer in answers:
            problems = problems_of(answer)
            if problems:
                wrong[f"{answer.request.method} {line.rule} {answer.status_code}"] = problems

    assert wrong == {}


@pytest.mark.parametrize("actor", [OWNER, ADMIN])
def test_errors_and_refused_forms_have_them_too(actor: str, stage: Stage) -> None:  # noqa: F811
    client = client_of(stage.app, stage.world, actor)
    answers = {
        404: client.get("/nowhere/"),
        405: client.http.put("/home/"),
        400: client.get("/?page_X=abc"),
        403: client.get("/platform/roles/list/" if actor == OWNER else "/home/"),
        422: client.post("/customers/add" if actor == OWNER else "/platform/users/add"),
        413: client.post("/profile/", {"name": "x" * 20_000_000}),
    }

    assert {status: answer.status_code for status, answer in answers.items()} == {
        status: status for status in answers
    }
    assert {status: problems_of(answer) for status, answer in answers.items() if problems_of(answer)} == {}


def test_a_page_of_money_stays_out_of_shared_caches(stage: Stage) -> None:  # noqa: F811
    client = client_of(stage.app, stage.world, OWNER)

    for url in ("/home/", "/customers/list/", "/customers/export.csv", "/settings/account/", "/nowhere/"):
        assert "no-store" in client.get(url).headers["Cache-Control"], url


def test_the_nonce_is_another_one_each_time(stage: Stage) -> None:  # noqa: F811
    client = client_of(stage.app, stage.world, OWNER)

    found = {tuple(policy_of(client.get("/home/"))["script-src"]) for _ in range(3)}

    assert len(found) == 3


def test_a_public_https_address_brings_hsts_and_a_host_cookie() -> None:
    settings = config.load({"SECRET_KEY": "s" * 50, "CLOUDTALLY_PUBLIC_URL": "https://cloud.example"})

    assert settings["HSTS_SECONDS"] >= 365 * 24 * 3600
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["SESSION_COOKIE_HTTPONLY"]
    assert settings["SESSION_COOKIE_SAMESITE"] in ("Lax", "Strict")
