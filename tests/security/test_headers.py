"""Every answer carries the headers that keep pages from being framed, sniffed, leaked or scripted by others."""

from __future__ import annotations

import pytest

import config
from tests.access.actors import ADMIN, ANONYMOUS, OWNER, client_of
from tests.access.conftest import stage  # noqa: F401 - the furnished world
from tests.access.expectations import LINES
from tests.access.stage import Stage
from tests.headers import policy_of, problems_of


def test_every_refusal_has_its_headers(stage: Stage) -> None:  # noqa: F811
    """Asked for by a visitor; tests/access/test_crawl.py looks at every page that people get to see."""
    wrong = {}
    client = client_of(stage.app, stage.world, ANONYMOUS)
    for line in LINES:
        for method, actors in (("get", line.get), ("post_without_token", line.post)):
            if actors is None:
                continue
            answer = getattr(client, method)(stage.url(line.rule))
            if problems := problems_of(answer):
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
        413: client.post("/profile/", {"name": "x" * 3_000_000, "more": "x" * 3_000_000}),
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
