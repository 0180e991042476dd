"""Files that are no bills, through the upload: each is refused in words, and nothing of it is imported."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.jobs import work
from app.jobs.models import Job
from app.tenancy.scope import reseller_scope, system_scope
from app.usage import delivery
from app.usage.models import ImportState, UsageImport
from app.usage.queries import imported_months
from tests.usage.deliveries import COLUMNS, bill, row
from tests.worlds import World


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


EVIL = {
    "wrong type": ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "no CSV"),
    "climbing": ("bills.zip", zipped(**{"..__..__etc__passwd.csv": bill(row())}), "outside it"),
    "latin-1": ("latin.csv", bill(row(service="Gebühr")).decode().encode("latin-1"), "not in UTF-8"),
    "cut": ("cut.csv.gz", gzip.compress(bill(*[row()] * 50))[:-40], "cut off"),
    "another report": ("hours.csv", b"Name,Hours\nAda,3\n", "no bill that Cloudtally knows"),
    "header alone": ("header.csv", COLUMNS.encode() + b"\n", "empty"),
    "not a zip": ("bills.zip", b"PK\x03\x04 and nothing else", "no archive"),
}


def upload(app: Any, client: Any, content: bytes, name: str) -> str:
    """Upload a file with the form and let a worker do it; return what its page says."""
    answer = client.post("/billing/imports/upload/", {"file": (io.BytesIO(content), name)})
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.text)[-3000:]
    let_work(app)
    page = client.get(answer.location)
    assert page.status_code == 200
    return str(page.text)


def let_work(app: Any) -> None:
    """Let a worker do the last job."""
    with app.app_context():
        with system_scope("a worker"):
            job_id = db.session.scalars(select(Job.id).order_by(Job.id.desc()).limit(1)).one()
        assert work.work_on(job_id)


@pytest.mark.parametrize("kind", EVIL)
def test_it_is_refused_in_words(
    kind: str, flask_app: Any, world: World, client_for: Callable[..., Any]
) -> None:
    name, content, words = EVIL[kind]
    page = upload(flask_app, client_for(world.north.ops), content, name)

    assert "cannot be used" in page
    assert words in page
    with flask_app.app_context(), reseller_scope(world.north.id):
        assert list(imported_months()) == []


def test_a_bomb_is_refused_while_it_unpacks(
    flask_app: Any, world: World, client_for: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery.Limits.__init__, "__defaults__", (1 << 20, 200, 1 << 19, 10))
    page = upload(flask_app, client_for(world.north.ops), zipped(bomb=bytes(40 << 20)), "bomb.zip")

    assert "larger than what is read" in page


def test_nothing_and_too_much_are_refused_before_they_are_kept(
    flask_app: Any, world: World, client_for: Callable[..., Any]
) -> None:
    ops = client_for(world.north.ops)

    empty = ops.post("/billing/imports/upload/", {"file": (io.BytesIO(b""), "empty.csv")})
    huge = ops.post("/billing/imports/begin/", {"file_name": "huge.csv", "size": str(5000 << 20)})

    assert (empty.status_code, huge.status_code) == (422, 422)
    assert "This file is empty" in empty.text
    assert "at most 4096 MB" in huge.json["errors"][0]
    with flask_app.app_context(), reseller_scope(world.north.id):
        assert db.session.scalar(select(func.count(UsageImport.id))) == 0


def test_a_mark_at_the_beginning_is_no_fault(
    flask_app: Any, world: World, client_for: Callable[..., Any]
) -> None:
    page = upload(flask_app, client_for(world.north.ops), b"\xef\xbb\xbf" + bill(row("1.25")), "excel.csv")

    assert "imported as a whole" in page
    assert "1.25" in page


def test_a_file_arrives_in_pieces_and_goes_on_where_it_stopped(
    flask_app: Any, world: World, client_for: Callable[..., Any]
) -> None:
    ops, content = client_for(world.north.ops), bill(row("1"), row("2"))

    def piece(at: int, end: int) -> Any:
        values = {"at": str(at), "piece": (io.BytesIO(content[at:end]), "piece")}
        return ops.post(begun.json["url"], values)

    begun = ops.post(
        "/billing/imports/begin/", {"file_name": r"C:\bills\..\bill.csv", "size": str(len(content))}
    )
    assert begun.status_code == 201
    assert piece(0, 100).json["received"] == 100
    again = piece(0, 100)
    assert (again.status_code, again.json["received"]) == (409, 100)
    other = client_for(world.south.ops).post(begun.json["url"], {"at": "100"})
    assert other.status_code == 404
    last = piece(100, len(content))

    assert last.json["received"] == len(content)
    with flask_app.app_context(), reseller_scope(world.north.id):
        one = db.session.scalars(select(UsageImport)).one()
        assert (one.file_name, one.state) == ("bill.csv", ImportState.QUEUED)
    let_work(flask_app)
    assert "imported as a whole" in ops.get(last.json["url"]).text


def test_a_person_decides_on_the_page(flask_app: Any, world: World, client_for: Callable[..., Any]) -> None:
    ops = client_for(world.north.ops)
    page = upload(flask_app, ops, bill(row("1"), row("many")), "odd.csv")
    assert "Import without these rows" in page
    with flask_app.app_context(), reseller_scope(world.north.id):
        url = f"/billing/imports/{db.session.scalars(select(UsageImport.id)).one()}/"

    assert "many" in ops.get(url + "rejected.csv").text
    assert ops.post(url + "accept/", {"question": "overlap"}).status_code == 409
    assert ops.post(url + "accept/", {"question": "rejected_rows"}).status_code == 302
    let_work(flask_app)

    assert "marked as incomplete" in ops.get(url).text
    assert "Incomplete" in ops.get("/billing/months/").text
    assert "odd.csv" in ops.get("/billing/imports/").text
    assert "odd.csv" not in client_for(world.south.ops).get("/billing/imports/").text
