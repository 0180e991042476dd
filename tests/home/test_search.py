"""The search of the console: a number or an id opens its record, and everybody finds what is theirs to see."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.approvals.models import ApprovalRequest
from app.cloud_accounts.models import CloudAccount
from app.customers.search import own_words
from app.extensions import db
from app.statements.services.drafts import draft_statement
from app.statements.services.issuing import issue
from tests.statements.world import NOW, OCTOBER, deliver, provider, usage, working
from tests.worlds import World


@pytest.fixture
def client(client_for: Any, world: World) -> Any:
    return client_for(world.north.ops)


def place_of(client: Any, text: str) -> str:
    """Return where the search leads; "" where it shows what it found."""
    answer = client.get("/search/", query_string={"q": text})
    return str(answer.headers.get("Location", ""))


def test_an_exact_number_or_id_opens_its_record(
    flask_app: Any, world: World, client: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(flask_app.config, "CLOUDTALLY_USAGE_FOLDER", str(tmp_path))
    with working(flask_app, world) as customer:
        customer.external_id = "DEB-20417"
        customer.search_own = own_words(customer)
        account = db.session.scalars(
            select(CloudAccount).where(CloudAccount.customer_id == customer.id)
        ).one()
        account_id, row = account.account_id, account.id
        db.session.add(CloudAccount(provider=provider(), account_id="884400112233", name="", created_at=NOW))
        deliver([usage(account_id, "EC2", "100")])
        draft = draft_statement(customer, OCTOBER, now=NOW)
        assert draft is not None
        statement, number = issue(draft, now=NOW).id, customer.account_number
        found = db.session.scalars(select(ApprovalRequest)).first()
        request = found.id if found else 0
    page = f"/customers/{world.north.customer.id}"

    assert place_of(client, f" {number.lower()} ").startswith(page + "/")
    assert place_of(client, "deb-20417").startswith(page + "/")
    assert place_of(client, account_id) == f"{page}/accounts/{row}/"
    grouped = f"{account_id[:4]}-{account_id[4:8]}-{account_id[8:]}"
    assert place_of(client, grouped) == f"{page}/accounts/{row}/"
    assert place_of(client, "8844-0011-2233") == "/cloud-accounts/unassigned/?q=884400112233"
    assert place_of(client, "2026-00001") == f"/billing/statements/{statement}/"
    if request:
        assert place_of(client, f"r-{request}") == f"/settings/approvals/{request}/"


def test_other_words_show_what_they_find(world: World, client: Any, client_for: Any) -> None:
    page = client.get("/search/?q=customer").text
    assert f"/customers/{world.north.customer.id}/" in page
    assert "canary" in client.get("/search/?q=northcanary").text
    south = client.get("/search/?q=southcanary").text
    assert "Nothing found" in south  # another reseller's are not there
    assert 'href="/billing/statements/"' in client.get("/search/?q=statements").text
    sales = client_for(world.north.sales).get("/search/?q=statements").text
    assert 'href="/billing/statements/"' not in sales.partition("<main")[2]
