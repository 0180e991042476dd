"""An import from its file to its end: all of it counts at once, or nothing does."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.cloud_accounts.models import CloudAccount
from app.errors import WrongState
from app.extensions import db
from app.jobs.models import Job, JobState
from app.kernel.clock import frozen_at, utc_now
from app.kernel.unit_of_work import unit_of_work
from app.providers.models import Provider
from app.tenancy.scope import Actor, reseller_scope, system_scope
from app.usage import holding, importing, places, services, sweeping
from app.usage.decisions import Question
from app.usage.models import ImportState, ProviderMonth, UsagePart
from app.usage.queries import imported_months, last_imported_month, live_parts
from app.usage.signals import usage_imported
from app.usage.words import refusal_text
from tests.usage.deliveries import again, bill, brought, put, row, worked
from tests.usage.test_formats import AZURE_ROW
from tests.worlds import World

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


@pytest.fixture
def office(flask_app: Any, world: World) -> Iterator[World]:
    """North's scope, as a person of it has it."""
    with flask_app.app_context(), reseller_scope(world.north.id, actor=Actor(7, "Ona")):
        yield world


def billed(month: date = OCTOBER) -> dict[str, str]:
    """Return what each live source of a month says was billed, read from its files."""
    store = places.store()
    found = {}
    for part in live_parts(month):
        with store.connect() as connection:
            lines = store.open([importing.part_files(part)], "lines", connection)
            [(total,)] = lines.sum("billed_cost").fetchall()
        found[f"{part.provider.code} {part.source}"] = format(total.normalize(), "f")
    return found


def test_a_bill_is_taken_apart_by_month_and_its_accounts_are_nobodys_yet(office: World) -> None:
    heard: list[Any] = []
    with usage_imported.connected_to(lambda _one, **said: heard.append(said)):
        one = brought(bill(row("1.25"), row("2.5", day="2026-09-30"), row("3", account="700000000002")))

    assert one.state is ImportState.DONE
    assert billed() == {"aws 999999999999": "4.25"}
    assert billed(SEPTEMBER) == {"aws 999999999999": "2.5"}
    assert heard == [{"reseller_id": office.north.id, "months": [SEPTEMBER, OCTOBER]}]
    assert [account["id"] for account in one.report["new_accounts"]] == ["700000000001", "700000000002"]
    account = db.session.scalars(select(CloudAccount).where(CloudAccount.account_id == "700000000001")).one()
    assert (account.customer_id, account.name) == (None, "Account 1")
    assert (one.report["totals"]["USD"]["billed"].rstrip("0"), one.row_count) == ("6.75", 3)
    assert live_parts(OCTOBER)[0].days == [3]
    assert list(imported_months()) == [OCTOBER, SEPTEMBER]
    assert last_imported_month(before=OCTOBER) == SEPTEMBER
    assert not places.kept_path(office.north.id, one.kept_name or "gone").is_file()


def test_the_same_again_changes_nothing_and_a_new_version_replaces_the_old_one(office: World) -> None:
    first = brought(bill(row("1"), row("2")))
    [part] = live_parts(OCTOBER)

    same = brought(bill(row("1"), row("2")))
    assert [one["outcome"] for one in same.report["parts"]] == ["unchanged"]
    assert [one.id for one in live_parts(OCTOBER)] == [part.id]

    new = brought(bill(row("1"), row("2"), row("4")))
    assert [one["outcome"] for one in new.report["parts"]] == ["replaced"]
    assert billed() == {"aws 999999999999": "7"}
    assert (first.state, new.state) == (ImportState.DONE, ImportState.DONE)


def test_rows_that_cannot_be_used_wait_for_a_person_who_can_go_on_without_them(office: World) -> None:
    brought(bill(row("1")))

    one = brought(bill(row("1"), row("many"), row("2")))

    assert one.state is ImportState.NEEDS_DECISION
    [rejected] = one.report["rejected"]
    assert (rejected[1], rejected[3:]) == (3, ["many", "not_a_number"])
    assert billed() == {"aws 999999999999": "1"}
    with pytest.raises(WrongState), unit_of_work(db.session):
        services.accept(again(one.id), [Question.OVERLAP], now=utc_now())

    with unit_of_work(db.session):
        services.accept(again(one.id), [Question.REJECTED_ROWS], now=utc_now())
    done = worked(again(one.id))
    assert (done.state, billed()) == (ImportState.DONE, {"aws 999999999999": "3"})
    assert live_parts(OCTOBER)[0].is_incomplete


def test_a_dismissed_import_leaves_everything_as_it_was(office: World) -> None:
    brought(bill(*[row("1")] * 4))
    one = brought(bill(row("1")))
    assert [ask["question"] for ask in one.report["questions"]] == ["less_than_half"]

    with unit_of_work(db.session):
        kept = services.dismiss(again(one.id), now=utc_now())

    assert kept and billed() == {"aws 999999999999": "4"}
    with pytest.raises(WrongState), unit_of_work(db.session):
        services.accept(again(one.id), [Question.LESS_THAN_HALF], now=utc_now())


def test_accounts_from_two_sources_and_closed_months_are_asked_about(office: World) -> None:
    brought(bill(row("1")))
    one = brought(bill(row("1")), source="second")
    assert [ask["question"] for ask in one.report["questions"]] == ["overlap"]

    aws = db.session.scalars(select(Provider).where(Provider.code == "aws")).one()
    with unit_of_work(db.session):
        services.close_month(aws, OCTOBER, now=utc_now() + timedelta(days=60))
    late = brought(bill(row("1"), row("2")))
    assert [ask["question"] for ask in late.report["questions"]] == ["closed_month"]
    assert billed() == {"aws 999999999999": "1"}
    assert db.session.scalars(select(ProviderMonth.closed_by)).one() == "Ona"


def test_a_month_that_is_not_there_refuses_the_file(office: World) -> None:
    absent = brought(bill(row("1")), month=date(2026, 8, 1))

    assert (absent.state, absent.report["refusal"]["code"]) == (ImportState.REFUSED, "month_absent")
    assert billed() == {}


def test_a_refusal_calls_the_file_as_its_sender_does(office: World) -> None:
    cut = brought(gzip.compress(bill(row("1")))[:-12], "october.csv.gz")

    assert refusal_text(cut.report["refusal"]).startswith("october.csv.gz is cut off")


def test_a_refusal_calls_months_and_providers_by_their_names(office: World, client_for: Any) -> None:
    ops = client_for(office.north.ops)
    azure = db.session.scalars(select(Provider).where(Provider.code == "azure")).one()
    for asked, told in (
        ({"month": SEPTEMBER}, "The file holds nothing of Sep 2026. It holds: Oct 2026."),
        (
            {"provider": azure},
            "The file holds nothing of Microsoft Azure. It holds: Amazon Web Services.",
        ),
    ):
        one = brought(bill(row("1")), **asked)
        for page in (f"/billing/imports/{one.id}/", "/billing/imports/"):
            assert told in ops.get(page).text


def test_a_provider_that_is_not_resold_is_imported_and_told_of(office: World) -> None:
    one = brought(bill(row("1", provider="google", account="some-project")))

    assert one.report["not_resold"] == ["Google Cloud"]
    assert billed() == {"google 999999999999": "1"}


def test_what_nobody_thought_of_fails_the_import_which_can_be_tried_again(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_more: Any) -> Any:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(importing.reading, "read", full)
        one = brought(bill(row("1")))
    assert one.state is ImportState.FAILED
    assert db.session.get_one(Job, one.job_id).state is JobState.FAILED

    with unit_of_work(db.session):
        services.restart(again(one.id), now=utc_now())
    assert worked(again(one.id)).state is ImportState.DONE
    assert billed() == {"aws 999999999999": "1"}


def test_a_worker_that_was_taken_for_dead_writes_nothing(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = put(bill(row("1")))
    import_id, before = one.id, set(places.store().versions())
    real = importing.reading.read

    def slow(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        with unit_of_work(db.session):  # another worker has it by now
            db.session.get_one(Job, again(import_id).job_id).claim = "another"
        return found

    monkeypatch.setattr(importing.reading, "read", slow)
    worked(one)

    assert billed() == {}
    assert set(places.store().versions()) == before


def test_a_replaced_version_goes_after_a_while_unless_somebody_needs_it(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(bill(row("1")))
    [old] = live_parts(OCTOBER)
    old_id, files = old.id, importing.part_files(old)
    brought(bill(row("1"), row("2")))
    [second] = live_parts(OCTOBER)
    second_id = second.id
    brought(bill(row("1"), row("2"), row("3")))
    store = places.store()
    monkeypatch.setattr(sweeping, "_LIMIT", 1)

    assert sweeping.clear_versions() == 0
    with frozen_at(utc_now() + 2 * sweeping.GRACE):
        monkeypatch.setattr(holding, "_HOLDERS", [lambda ids: {old_id, second_id} & set(ids)])
        assert sweeping.clear_versions() == 0
        monkeypatch.setattr(holding, "_HOLDERS", [lambda ids: {old_id} & set(ids)])
        assert sweeping.clear_versions() == 1  # what has to stay does not hide what follows
        assert store.holds(files)
        monkeypatch.setattr(holding, "_HOLDERS", [])
        assert sweeping.clear_versions() == 1

    assert not store.holds(files)
    with system_scope("count"):
        assert len(db.session.scalars(select(UsagePart)).all()) == 1


def test_files_that_no_row_names_are_found_and_removed_after_a_day(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(bill(row("1")))
    [part] = live_parts(OCTOBER)
    kept = places.store().folder(importing.part_files(part))
    left = kept.parent / "left-behind"
    left.mkdir()
    now = sweeping.time.time() + 2 * sweeping.ORPHAN_SECONDS
    monkeypatch.setattr(sweeping.time, "time", lambda: now)

    with system_scope("as the worker does"):
        sweeping.clear_orphans()

    assert kept.is_dir() and not left.exists()


def test_the_other_reseller_has_nothing_of_it(office: World) -> None:
    one = brought(bill(row("1")))

    with reseller_scope(office.south.id):
        assert list(live_parts(OCTOBER)) == []
        with pytest.raises(Exception, match="not yours"):
            services.find_import(one.id)


def test_an_older_file_that_was_slower_waits_for_a_person(office: World) -> None:
    older = put(bill(row("2")))
    brought(bill(row("1"), row("2")))

    one = worked(older)

    assert [ask["question"] for ask in one.report["questions"]] == ["newer_there"]
    assert billed() == {"aws 999999999999": "3"}


def test_accounts_are_known_however_a_bill_spells_them(office: World) -> None:
    azure, aws = "A1B2C3D4-0000-4000-8000-00000000000F", "7000-0000-0001"
    brought(
        bill(
            row(account=f"/subscriptions/{azure}", provider="azure"), row(account=aws, payer="9999-9999-9999")
        )
    )

    for part in live_parts(OCTOBER):
        accounts = importing.accounts_of(importing.part_files(part), places.store())
        query = select(CloudAccount.account_id).where(CloudAccount.provider_id == part.provider_id)
        assert accounts == {azure.lower() if part.provider.code == "azure" else "700000000001"}
        assert accounts <= set(db.session.scalars(query))


def test_a_billing_account_with_a_long_name_is_a_source_all_the_same(office: World) -> None:
    payer = "/providers/Microsoft.Billing/billingAccounts/" + "0a1b2c3d:" * 12
    brought(bill(row("1", provider="azure", payer=payer)))
    brought(bill(row("2", provider="azure", payer=payer)))

    [part] = live_parts(OCTOBER)
    assert (len(part.source), part.source[:45]) == (128, payer[:45])
    assert [one.rstrip("0").rstrip(".") for one in billed().values()] == ["2"]
    brought(bill(row("3", provider="azure", payer=payer, account=payer)))
    [part] = live_parts(OCTOBER)
    accounts = importing.accounts_of(importing.part_files(part), places.store())
    assert accounts <= set(db.session.scalars(select(CloudAccount.account_id)))


def test_an_amortised_bill_is_checked_against_what_it_adds_up(office: World, client_for: Any) -> None:
    def azure(**covered: str) -> bytes:
        rows = [AZURE_ROW, AZURE_ROW | {"CostInBillingCurrency": "3.5"} | covered]
        return ("\n".join([",".join(AZURE_ROW), *(_line(one) for one in rows)]) + "\n").encode()

    def _line(one: dict[str, str]) -> str:
        return ",".join('"{}"'.format(value.replace('"', '""')) for value in one.values())

    pages = [
        client_for(office.north.ops).get(f"/billing/imports/{brought(content).id}/").text
        for content in (
            azure(),
            azure(PricingModel="Reservation", benefitId="/providers/Microsoft.Capacity/r1"),
            azure(ChargeType="Purchase", benefitId="/providers/Microsoft.Capacity/r1"),
        )
    ]
    assert [re.findall(r"The same[^<]*", page) for page in pages] == [
        ["The same"],  # as billed
        ["The same, amortised"],
        ["The same"],
    ]
