"""How entries of the change log read, and where they lead."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

from sqlalchemy import event, select

from app.audit.models import AuditEntry
from app.audit.words import change_lines, sentence, value_word
from app.custom_fields.models import CustomFieldDefinition, FieldType
from app.customers import lifecycle
from app.customers.models import Customer, ProviderEnablement
from app.extensions import db
from app.security import accounts
from app.security.models import User
from app.taxes.models import TaxProfile
from app.tenancy.scope import reseller_scope
from tests.worlds import EPOCH, World


def newest(record_type: str) -> AuditEntry:
    query = select(AuditEntry).where(AuditEntry.record_type == record_type).order_by(AuditEntry.id.desc())
    entry = db.session.scalars(query).first()
    assert entry is not None
    return entry


def test_a_removed_row_names_what_it_was_linked_to(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        customer = db.session.get(Customer, world.north.customer.id)
        assert customer is not None
        db.session.delete(customer.enablements[0])
        db.session.flush()

        changes = newest("customer_provider").changes

    assert changes["provider"] == ["Amazon Web Services", None]
    assert "provider_id" not in changes


def test_a_renamed_person_has_one_name(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        user = db.session.get(User, world.north.ops.id)
        user.name = "Ophelia van der Berg"
        db.session.flush()

        changes = newest("user").changes

    assert changes == {"name": [world.north.ops.name, "Ophelia van der Berg"]}


def test_a_removed_person_loses_no_role_in_words(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        user = db.session.get(User, world.north.customer_user.id)
        user.roles = []
        db.session.delete(user)
        db.session.flush()

        changes = newest("user").changes

    assert "roles" not in changes
    assert changes["name"] == [world.north.customer_user.name, None]


def test_an_invitation_is_one_entry_without_bookkeeping(flask_app: Any, world: World) -> None:
    with flask_app.app_context(), reseller_scope(world.north.id):
        before = db.session.scalars(select(AuditEntry.id)).all()
        accounts.invite(db.session.get(User, world.north.ops.id), now=EPOCH)
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.id.not_in(before))).all()

    assert [(one.action, one.changes) for one in entries] == [("invited", {})]


def test_entries_lead_to_their_record(flask_app: Any, world: World, client_for: Any) -> None:
    north = world.north
    with flask_app.app_context(), reseller_scope(north.id):
        customer = db.session.get(Customer, north.customer.id)
        lifecycle.archive_customer(customer, now=EPOCH)
        enablement = db.session.scalars(
            select(ProviderEnablement).where(ProviderEnablement.customer_id == north.other_customer.id)
        ).first()
        enablement.in_portal = not enablement.in_portal
        db.session.get(User, north.sales.id).name = "Sal Es"
        db.session.commit()
        pages = {
            f"/customers/{north.customer.id}/",
            f"/customers/{north.other_customer.id}/providers/",
            f"/settings/users/{north.sales.id}/",
        }

    owner = client_for(north.owner).get("/audit/list/").text
    ops = client_for(north.ops).get("/audit/list/").text

    assert all(f'href="{page}"' in owner for page in pages)
    assert f'href="/settings/users/{north.sales.id}/"' not in ops, "who may not open it gets no link"


def save(client: Any, url: str, changes: dict[str, str], **kwargs: Any) -> None:
    assert (
        client.post(url, {"version": client.opened(url, "version"), **changes}, **kwargs).status_code == 302
    )


def newest_change(client: Any) -> list[str]:
    """Return what the first entry of the log says of before and after, in German."""
    page = client.get("/audit/list/?action=changed", headers={"Accept-Language": "de"}).text
    first = page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))]
    return re.findall(r'<span class="k">(.*?):</span>(?:<del>(.*?)</del>)?.*?<ins>(.*?)</ins>', first)


def test_a_persons_own_words_are_not_translated(flask_app: Any, world: World, client_for: Any) -> None:
    north, client = world.north, client_for(world.north.owner)
    url = f"/customers/{north.customer.id}/custom-fields/"
    for text in ("no", "active", "…"):
        save(client, url, {"cf_field_northcanary": text})

        assert newest_change(client)[0][::2] == ("Field northcanary", text), "by its label, as it was typed"

    with flask_app.app_context(), reseller_scope(north.id):
        db.session.get(CustomFieldDefinition, north.field.id).type = FieldType.YES_NO
        db.session.commit()
    save(client, url, {"cf_field_northcanary": "yes"})
    assert newest_change(client) == [("Field northcanary", "…", "ja")]


def test_what_the_product_stored_is_translated(flask_app: Any, world: World, client_for: Any) -> None:
    north, client = world.north, client_for(world.north.owner)
    with flask_app.app_context(), reseller_scope(north.id):
        customer = db.session.get(Customer, north.customer.id)
        customer.spend_threshold_amount, customer.spend_threshold_currency = Decimal("1234.50"), "EUR"
        db.session.commit()

    assert newest_change(client) == [("Ausgabenschwelle", "", "EUR 1.234,50")]
    with flask_app.app_context(), reseller_scope(north.id):
        query = select(TaxProfile).where(TaxProfile.customer_id == north.customer.id)
        profile = db.session.scalars(query).one()
        profile.is_taxable, profile.counts_from = False, datetime.date(2026, 11, 1)
        db.session.commit()
    assert newest_change(client) == [("Ist steuerpflichtig", "ja", "nein"), ("Gilt ab", "", "Nov. 2026")]


def test_labels_of_own_fields_are_asked_for_once(flask_app: Any, world: World, client_for: Any) -> None:
    client, asked = client_for(world.north.owner), []
    for text in ("one", "two", "three"):
        save(client, f"/customers/{world.north.customer.id}/custom-fields/", {"cf_field_northcanary": text})

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement.startswith("SELECT custom_field_definitions."))

    with flask_app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            page = client.get("/audit/list/").text
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    assert page.count("Field northcanary:") >= 3
    assert sum(asked) == 1


def test_a_day_reads_as_everywhere_else(flask_app: Any) -> None:
    with flask_app.test_request_context():
        assert value_word("statement", "paid_on", "2026-11-27") == "27 Nov 2026"


def test_amounts_languages_and_reports_read_as_people_say_them(flask_app: Any, world: World) -> None:
    def told(noun: str, **changes: Any) -> list[str]:
        return [
            after for _field, _before, after in change_lines(AuditEntry(record_type=noun, changes=changes))
        ]

    with flask_app.test_request_context(), reseller_scope(world.north.id):
        customer = db.session.get(Customer, world.north.customer.id)
        assert customer is not None
        asked = f"period=last_month&group=service&customer={customer.id}&sort=margin&dir=asc&per_page=50"

        assert told("statement", total=[None, "1537.2 EUR"]) == ["EUR 1,537.20"]
        assert told("statement", total=[None, "1537 JPY"]) == ["JPY 1,537"]
        assert told("statement", currency=[None, "EUR"], total=[None, "1537.2"])[1] == "EUR 1,537.20"
        assert told("statement", total=["858.0", "1537.2"]) == ["1,537.20"]
        assert told("credit", left=["EUR 75.00", "EUR 0.00"]) == ["EUR 0.00"]
        granted = AuditEntry(record_type="credit", record_name="EUR 1200.00", action="created", reason="")
        assert sentence(granted).endswith("credit EUR 1,200.00")
        assert told("user", locale=["en", "de"]) == ["Deutsch"]
        assert told("reseller", languages=[None, "en,de"]) == ["English and Deutsch"]
        assert told("report", filter=[None, asked]) == [
            f"Last month; by Service; Customer: {customer.organization}; the smallest Margin first"
        ]
        assert told("report", filter=[None, "who=knows"]) == ["who: knows"]
        assert told("statement_export", filter=[None, "tab: past_due; search: a; b: c"]) == [
            "Status: Past due; Search: a; b: c"
        ]
        assert told("change_log", filter=[None, "record_type: statement; since: 2026-11-01"]) == [
            "What: statement; From: 2026-11-01"
        ]


def test_kinds_of_records_are_told_apart(world: World, client_for: Any) -> None:
    page = client_for(world.north.owner).get("/audit/list/").text

    kinds = (
        "Provider",
        "Customer&#39;s provider",
        "Tax rate",
        "Customer&#39;s tax rate",
        "Customer&#39;s charge plan",
    )
    assert all(page.count(f">{kind}</option>") == 1 for kind in kinds)


def test_an_import_is_one_change_on_the_start_page(flask_app: Any, world: World, client_for: Any) -> None:
    client = client_for(world.north.owner)
    from io import BytesIO

    rows = "".join(f"Imported {n},Ann,a{n}@a.example,DE\n" for n in range(12))
    content = f"organization,contact_name,email,country\n{rows}".encode()
    report = client.post("/customers/import/", {"file": (BytesIO(content), "many.csv")}).location
    client.post(f"{report}apply/")

    home = client.get("/home/").text

    assert "imported customer file many.csv" in home
    assert "Imported 3" not in home
