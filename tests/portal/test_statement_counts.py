"""How many SQL statements a page of the portal takes: few, and no more of them with thirty rows than with three."""

from __future__ import annotations

from typing import Any

from app.approvals.models import ApprovalRequest, RequestStatus, RequestType
from app.cloud_accounts.models import CloudAccount
from app.customers.users import add_user
from app.extensions import db
from app.security.models import UserStatus
from tests.counting import counting
from tests.portal.ground import (
    ACCOUNTS,
    COMPANY,
    DASHBOARD,
    HOME,
    NOW,
    REPORTS,
    REQUESTS,
    STATEMENTS,
    USERS,
    find_customer,
    last_request,
    publish_terms,
    reseller_scope_of,
    set_provider,
)
from tests.worlds import World

MOST = 10


def _fill(world: World, how_many: int) -> None:
    customer = find_customer(world)
    provider = db.session.get(CloudAccount, world.north.account.id).provider
    for number in range(how_many):
        word = f"{how_many}{number}"
        db.session.add_all(
            [
                CloudAccount(
                    customer_id=customer.id,
                    provider=provider,
                    account_id=f"7{how_many:03d}{number:08d}",
                    name=f"work {word}",
                    created_at=NOW,
                ),
                ApprovalRequest(
                    customer_id=customer.id,
                    type=RequestType.ACCOUNT_PROVISION,
                    status=RequestStatus.PENDING,
                    provider=provider,
                    requester_id=world.north.customer_user.id,
                    from_name=customer.organization,
                    details={"name": f"wanted {word}"},
                    created_at=NOW,
                ),
            ]
        )
        add_user(
            customer,
            name=f"Crowd {word}",
            email=f"crowd{word}@northcanary.example",
            status=UserStatus.ACTIVE,
            password=None,
            now=NOW,
        )
    db.session.commit()


def test_pages_take_few_statements_however_much_there_is(
    flask_app: Any, world: World, client_for: Any
) -> None:
    set_provider(flask_app, world, may_request_accounts=True)
    version = publish_terms(flask_app, world)
    client = client_for(world.north.customer_user)
    client.post("/portal/north/terms/", {"terms_id": version.id})
    told: dict[str, list[str]] = {}
    counts = []
    for more in (1, 30):
        with flask_app.app_context(), reseller_scope_of(world):
            _fill(world, more)
        pages = {
            "home": HOME,
            "accounts": ACCOUNTS,
            "accounts found": f"{ACCOUNTS}?q=work&provider=aws",
            "requests": REQUESTS,
            "request": f"{REQUESTS}{last_request(flask_app).id}/",
            "ask": f"{REQUESTS}account/aws/",
            "where": f"{REQUESTS}provider/",
            "removal": f"{REQUESTS}removal/{world.north.account.id}/",
            "users": USERS,
            "invite": f"{USERS}invite/",
            "company": COMPANY,
            "dashboard": DASHBOARD,
            "reports": REPORTS,
            "statements": STATEMENTS,
            "profile": "/profile/",
        }
        for page, url in pages.items():
            client.get(url)
            with counting() as seen:
                assert client.get(url).status_code == 200, url
            told[page] = seen
        counts.append({page: len(seen) for page, seen in told.items()})

    # A list that ends on its first page need not be counted.
    grown = {
        page: number - counts[0][page] for page, number in counts[1].items() if number != counts[0][page]
    }
    assert grown == {"requests": 1, "users": 1}
    assert not {page: told[page] for page, number in counts[1].items() if number > MOST}
