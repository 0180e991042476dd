"""A statement's life, from stored records and stored usage to paid or void."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.audit.models import AuditEntry
from app.charges.assignments import assign_plan
from app.charges.models import ChargeAssignment, ChargePlan
from app.cloud_accounts.models import AccountPeriod, CloudAccount
from app.cloud_accounts.services import archive_account, restore_account
from app.credits import services as credits
from app.credits.queries import open_credits
from app.customers.lifecycle import archive_customer
from app.errors import Invalid, WrongState
from app.extensions import db
from app.months.locks import Lockable, Subject, first_open_month
from app.notifications.models import OutgoingMail
from app.pricebooks.models import PriceRule
from app.rating.commitments import StatementKind
from app.settings.invoice_options import make_options
from app.settings.models import InvoiceOptions, PageSize
from app.statements.explaining import explain
from app.statements.freezing import plain, read
from app.statements.holding import parts_of_issued
from app.statements.late import late_changes
from app.statements.models import Kind, State, Statement, StatementLogo, StatementPart
from app.statements.paper import Paper
from app.statements.printing import _unit_price, read_paper
from app.statements.queries import billable_customers, lines_of, live_key
from app.statements.rated import rate_one
from app.statements.services.drafts import discard, draft_statement, end_drafts_besides
from app.statements.services.issuing import issue
from app.statements.services.late import settle
from app.statements.services.settling import credit_note, mark_paid, reopen, void
from app.tenancy.scope import Scope, ScopeKind, use_scope
from app.usage.queries import live_parts
from app.usage.services import close_month
from tests.statements.months import arn
from tests.statements.world import (
    NOVEMBER,
    NOW,
    OCTOBER,
    account_of,
    deliver,
    provider,
    usage,
    worked_example,
    working,
)
from tests.worlds import World

D = Decimal


def drafted(customer: Any) -> Statement:
    found = draft_statement(customer, OCTOBER, now=NOW)
    assert found is not None
    return found


def issued(customer: Any) -> Statement:
    return issue(drafted(customer), now=NOW)


def test_the_worked_example_comes_out_of_stored_records(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        statement = drafted(customer)

        amounts = [(one.kind.value, one.service or one.text, one.amount) for one in lines_of(statement)]
        assert amounts == [
            ("usage", "EC2", D("900.00")),
            ("usage", "S3", D("200.00")),
            ("charge", "AWS Business", D("120.00")),
            ("global_adjustment", "", D("61.00")),
            ("tax", "VAT 20", D("256.20")),
        ]
        assert statement.total == D("1537.20")
        assert statement.seller_cost == D("720.00")
        assert statement.is_estimated  # nobody has closed the month


@pytest.mark.once
def test_drafting_twice_is_one_draft_with_the_figures_of_today(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        first = drafted(customer)
        db.session.scalars(select(PriceRule)).one().value = D(-20)
        again = drafted(customer)

        assert again.id == first.id
        assert again.usage_amount == D("1000.00")
        assert len(lines_of(again)) == 5
        assert db.session.scalar(select(func.count(Statement.id))) == 1


def test_issuing_freezes_numbers_and_locks(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        values = {"amount": D(100), "currency": "EUR", "comment": "", "first_month": None}
        credits.grant_credit(customer, values, now=NOW)
        statement = issued(customer)

        assert (statement.number, statement.state) == ("2026-00001", State.OPEN)
        assert statement.due_on == datetime.date(2026, 12, 20)
        assert statement.paper["due_on"] == "2026-12-20"  # printed, so it is in the hash
        # 1,281 - 100 credit = 1,181; tax 236.20.
        assert (statement.credit_amount, statement.total) == (D(-100), D("1417.20"))
        assert open_credits(customer.id) == []
        assert first_open_month([Lockable(Subject.CUSTOMER, customer.id)]) == NOVEMBER
        book = db.session.scalars(select(PriceRule)).one().pricebook_id
        assert first_open_month([Lockable(Subject.PRICEBOOK, book)]) == NOVEMBER
        assert statement.frozen["usage"][0]["sha256"]
        paper = read_paper(statement)
        assert (paper.number, paper.totals.total, paper.is_draft) == ("2026-00001", D("1417.20"), False)
        assert paper.groups[0].accounts[0].lines[0].quantity == 10
        with pytest.raises(WrongState, match="2026-00001"):
            drafted(customer)


def test_made_of_names_no_source_without_a_line_of_the_customer(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        deliver([usage("999999999999", "EC2", "50")], source="elsewhere")
        own = account_of(customer).account_id
        fee = usage("999999999999", "EC2", "5", category="purchase", commitment_id=arn(own))
        deliver([fee], source="written under the payer")

        statement = drafted(customer)

        assert [one["source"] for one in statement.frozen["usage"]] == ["main", "written under the payer"]
        kept = db.session.scalars(select(StatementPart).where(StatementPart.statement_id == statement.id))
        assert len(kept.all()) == 3, "all that is needed to compute it again"


def test_the_database_refuses_to_change_an_issued_one(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        issued(customer)
        db.session.add(StatementLogo(sha256="0" * 64, media_type="image/png", content=b"."))
        db.session.flush()
        connection = db.session().trusted_connection()
        for change in (
            "UPDATE statements SET total = 1",
            "UPDATE statements SET paper = '{}'",
            "UPDATE statements SET state = 'discarded', live_key = NULL",
            "DELETE FROM statements",
            "UPDATE statement_lines SET amount = 1",
            "DELETE FROM statement_lines",
            "DELETE FROM statement_parts",
            "UPDATE statement_logos SET content = 'x'",
            "DELETE FROM statement_logos",
        ):
            with (
                pytest.raises(DatabaseError, match=r"issued statement|images of statements"),
                connection.begin_nested(),
            ):
                connection.execute(text(change))


@pytest.mark.once
def test_what_changed_since_is_not_issued_unseen(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        draft = drafted(customer)
        deliver([usage(account_of(customer).account_id, "EC2", "2000")])
        with pytest.raises(WrongState, match="Generate it again"):
            issue(draft, now=NOW)
        assert draft.number is None


def test_a_void_one_keeps_its_number_and_opens_its_month(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        values = {"amount": D(100), "currency": "EUR", "comment": "", "first_month": None}
        credits.grant_credit(customer, values, now=NOW)
        first = issued(customer)
        with pytest.raises(Invalid):
            void(first, " ", now=NOW)
        void(first, "wrong book", now=NOW)

        assert (first.state, first.number, first.live_key) == (State.VOID, "2026-00001", None)
        assert first_open_month([Lockable(Subject.CUSTOMER, customer.id)]) is None
        assert [one.remaining for one in open_credits(customer.id)] == [100]
        second = issued(customer)
        assert (second.number, second.credit_amount) == ("2026-00002", D(-100))
        with pytest.raises(WrongState):
            mark_paid(first, OCTOBER, today=NOW.date())


def test_a_number_that_another_format_gave_before_is_refused_in_words(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        void(issued(customer), "wrong book", now=NOW)
        db.session.execute(update(InvoiceOptions).values(number_format="{year}-0000{number}", next_number=1))
        with pytest.raises(WrongState, match="2026-00001"):
            issued(customer)


@pytest.mark.once
def test_paid_and_open_again(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        statement = issued(customer)
        assert statement.is_past_due(datetime.date(2026, 12, 21))
        mark_paid(statement, datetime.date(2026, 11, 19), today=NOW.date())
        with pytest.raises(WrongState):
            void(statement, "no", now=NOW)
        assert not statement.is_past_due(datetime.date(2026, 12, 21))
        assert reopen(statement).state is State.OPEN


@pytest.mark.once
def test_a_credit_note_corrects_with_the_same_taxes(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        make_options().page_size = PageSize.LETTER
        statement = issued(customer)
        with pytest.raises(Invalid, match="more than"):
            credit_note(statement, D("1281.01"), "Outage", now=NOW)
        note = credit_note(statement, D("100.00"), "Outage in week 41", now=NOW)
        again = credit_note(statement, D("50.00"), "Outage in week 41", now=NOW)

        assert again.id == note.id
        assert (note.charges_amount, note.tax_amount, note.total) == (D(-50), D(-10), D(-60))
        assert read_paper(note).page_size == "Letter"
        issue(note, now=NOW)
        assert (note.number, note.kind, read_paper(note).corrects_number) == (
            "2026-00002",
            Kind.CREDIT_NOTE,
            "2026-00001",
        )
        assert note.due_on is read_paper(note).due_on is None, "nobody pays what is given back"
        drafted_note = db.session.scalars(
            select(AuditEntry).where(AuditEntry.record_id == note.id, AuditEntry.action == "drafted")
        ).first()
        assert drafted_note is not None
        assert drafted_note.changes["corrects"] == [None, "2026-00001"]
        assert "corrects_id" not in drafted_note.changes
        with pytest.raises(WrongState, match="2026-00002"):
            void(statement, "no", now=NOW)


@pytest.mark.once
def test_a_negative_total_is_a_credit_note(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        deliver([usage(account_of(customer).account_id, "EC2", "-1000", is_correction=True)])
        statement = drafted(customer)
        assert statement.total < 0
        assert statement.is_credit_note
        assert read_paper(statement).kind == "credit_note"


def test_a_discarded_draft_makes_room(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        united = drafted(customer)
        with pytest.raises(WrongState, match="all providers together"):
            draft_statement(customer, OCTOBER, provider=provider(), now=NOW)
        discard(united)
        assert parts_of_issued([one.id for one in live_parts(OCTOBER)]) == set()
        assert db.session.scalars(select(StatementPart)).all() == []  # it keeps no usage from going
        alone = draft_statement(customer, OCTOBER, provider=provider(), now=NOW)
        assert alone is not None
        assert alone.total == D("1537.20")


def test_the_database_refuses_a_second_live_one(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        first = drafted(customer)
        values = {
            column.key: getattr(first, column.key)
            for column in Statement.__table__.columns
            if column.key not in ("id", "version")
        }
        db.session.add(Statement(**values))
        with pytest.raises(IntegrityError):
            db.session.flush()


@pytest.mark.once
def test_lines_that_are_not_what_they_were_are_refused(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        statement = issued(customer)
        assert [one.from_cost for one in explain(statement, 1, with_bill=True).bill] == [D(900)]
        void(statement, "wrong book", now=NOW)
        db.session.scalars(select(PriceRule)).one().value = D(-20)
        db.session.flush()
        with pytest.raises(WrongState, match="cannot be priced as they were"):
            explain(statement, 1, with_bill=True)


@pytest.mark.once
def test_drafts_of_fees_go_when_fees_are_not_billed_apart_any_more(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        draft = drafted(customer)
        draft.kind, draft.live_key = Kind.FEES, live_key(OCTOBER, Kind.FEES, None)
        db.session.flush()
        end_drafts_besides([StatementKind.USAGE, StatementKind.FEES], customer, OCTOBER, None)
        assert draft.state is State.DRAFT
        end_drafts_besides([StatementKind.USAGE], customer, OCTOBER, None)
        assert draft.state is State.DISCARDED


@pytest.mark.once
def test_what_was_archived_is_charged_until_the_month_of_it(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        account = account_of(customer)
        archive_account(account, today=datetime.date(2026, 10, 3))
        assert drafted(customer).total == D("1537.20")
        deliver([usage("999999999999", "EC2", "1")], NOVEMBER)
        assert draft_statement(customer, NOVEMBER, now=NOW) is None  # no minimum of AWS Business any more
        deliver([usage(account.account_id, "EC2", "10")], NOVEMBER)
        late = draft_statement(customer, NOVEMBER, now=NOW)
        assert late is not None
        assert late.charges_amount == 100  # the provider still bills it, so it is in use

        archive_customer(customer, now=datetime.datetime(2026, 10, 31, 23, 30, tzinfo=datetime.UTC))
        archived = customer.archived_on
        assert archived == datetime.date(2026, 11, 1)  # in the reseller's time zone
        assert draft_statement(customer, NOVEMBER, now=NOW) is late
        customer.archived_on = datetime.date(2026, 10, 31)
        with pytest.raises(WrongState, match="was archived before"):
            issue(late, now=NOW)
        assert draft_statement(customer, NOVEMBER, now=NOW) is None
        assert customer in billable_customers(OCTOBER)
        assert customer not in billable_customers(NOVEMBER)
        assert issued(customer).total == D("1537.20")


def test_a_restored_account_is_charged_for_no_month_in_which_it_was_archived(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        account, december = account_of(customer), datetime.date(2026, 12, 1)
        for archived, restored in (("2026-10-03", "2026-12-02"), ("2027-01-05", "2027-01-20")):
            archive_account(account, today=datetime.date.fromisoformat(archived))
            restore_account(account, today=datetime.date.fromisoformat(restored))

        assert drafted(customer).total == D("1537.20")
        assert draft_statement(customer, NOVEMBER, now=NOW) is None
        for month in (december, datetime.date(2027, 1, 1)):
            again = draft_statement(customer, month, now=NOW + datetime.timedelta(days=90))
            assert again is not None
            assert again.charges_amount == 100  # the minimum of AWS Business

        deliver([usage(account.account_id, "EC2", "10")], NOVEMBER)
        between = draft_statement(customer, NOVEMBER, now=NOW)
        assert between is not None, "whose usage it is does not change by archiving"
        assert between.usage_amount == 9


def test_no_month_is_billed_that_has_not_begun(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        assert draft_statement(customer, NOVEMBER, now=NOW) is not None  # it goes on
        with pytest.raises(WrongState, match="Dec 2026 has not begun"):
            draft_statement(customer, datetime.date(2026, 12, 1), now=NOW)


def test_plans_charge_nothing_in_months_without_usage_before_the_customer_was_there(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        customer.created_at = datetime.datetime(2026, 10, 1, 9, 0, tzinfo=datetime.UTC)
        long_ago = [datetime.date(2026, 9, 1), datetime.date(2023, 11, 1)]

        assert [draft_statement(customer, month, now=NOW) for month in long_ago] == [None, None]
        deliver([usage(account_of(customer).account_id, "EC2", "10")], long_ago[1])
        used = draft_statement(customer, long_ago[1], now=NOW)
        assert used is not None
        assert used.charges_amount == 100  # the minimum of AWS Business
        assert drafted(customer).total == D("1537.20")


def test_a_customer_sees_no_draft(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        draft = drafted(customer)
        db.session.commit()
        own = Scope(ScopeKind.CUSTOMER, world.north.id, customer.id)
        with use_scope(own):
            assert db.session.scalars(select(Statement)).all() == []
        issue(draft, now=NOW)
        db.session.commit()
        db.session.expunge_all()
        with use_scope(own):
            assert [one.number for one in db.session.scalars(select(Statement))] == ["2026-00001"]


@pytest.mark.once
def test_a_missing_exchange_rate_is_named(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        deliver([usage(account_of(customer).account_id, "EC2", "1000", currency="USD")])
        with pytest.raises(Invalid, match="USD to EUR for Oct 2026"):
            drafted(customer)


@pytest.mark.once
def test_a_month_that_is_delivered_again_shows_its_late_change(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        statement = issued(customer)
        assert late_changes(OCTOBER) == []
        account = account_of(customer).account_id
        part = deliver([usage(account, "EC2", "900"), usage(account, "S3", "200")])
        part.imported_at = NOW + datetime.timedelta(days=1)

        [change] = late_changes(OCTOBER)

        # EC2 810 instead of 900, support 110 instead of 120, 5 % of both.
        assert (change.issued, change.now, change.difference) == (D("1281.00"), D("1176.00"), D("-105.00"))
        assert statement.total == D("1537.20")


@pytest.mark.once
def test_whoever_sees_statements_is_told_of_one(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        worked_example(customer)
        statement = issued(customer)
        mails = db.session.scalars(
            select(OutgoingMail).where(OutgoingMail.event == "statement_published")
        ).all()

        assert [one.recipient for one in mails] == [world.north.customer_user.email]
        assert "1,537.20" in mails[0].text
        assert f"/portal/north/statements/{statement.id}/" in mails[0].text
        assert mails[0].subject.startswith("Statement for Oct 2026 from")


@pytest.mark.once
def test_whoever_chose_no_language_is_told_in_the_customers(flask_app: Any, world: World) -> None:
    with working(flask_app, world) as customer:
        customer.language = "de"
        worked_example(customer)
        issue(credit_note(issued(customer), D(50), "Outage", now=NOW), now=NOW)
        mails = db.session.scalars(
            select(OutgoingMail).where(OutgoingMail.event == "statement_published").order_by(OutgoingMail.id)
        ).all()

        assert [one.subject.rpartition(" von ")[0] for one in mails] == [
            "Abrechnung für Okt. 2026",
            "Gutschrift für Okt. 2026",
        ]
        assert "1.537,20" in mails[0].text


@pytest.mark.once
def test_what_was_drafted_can_be_read_as_it_was_written(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        paper = read_paper(drafted(customer))
        assert read(Paper, plain(paper)) == paper


def delivered_late(customer: Any, ec2: str) -> None:
    """Deliver October once more, after its statement was issued."""
    account = account_of(customer).account_id
    part = deliver([usage(account, "EC2", ec2), usage(account, "S3", "200")])
    part.imported_at = NOW + datetime.timedelta(days=1)


@pytest.mark.once
def test_each_late_change_is_billed_for_what_is_still_open(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        first = issued(customer)
        deliver([usage(account_of(customer).account_id, "S3", "100")], NOVEMBER)
        plain = rate_one(customer, NOVEMBER).statement
        delivered_late(customer, "1100")

        [change] = late_changes(OCTOBER)
        # EC2 990 instead of 900, support 130 instead of 120, 5 % of both.
        assert (change.open, change.to_bill) == (D("105.00"), D("100.00"))
        with pytest.raises(Invalid, match="more than is open"):
            settle(first, D("100.01"), "Late usage", now=NOW)
        assert settle(first, D("40.00"), "Late usage", now=NOW).month == NOVEMBER
        [change] = late_changes(OCTOBER)
        assert (change.settled, change.open, change.to_bill) == (D("42.00"), D("63.00"), D("60.00"))

        delivered_late(customer, "1200")
        [change] = late_changes(OCTOBER)
        assert (change.difference, change.to_bill) == (D("210.00"), D("160.00"))
        settle(first, D("160.00"), "More of it", now=NOW)
        assert late_changes(OCTOBER) == []
        found = rate_one(customer, NOVEMBER).statement
        assert found.charges_amount - plain.charges_amount == D("200.00")
        with pytest.raises(WrongState, match="Take that charge away"):
            void(first, "wrong book", now=NOW)
        db.session.execute(delete(ChargeAssignment).where(ChargeAssignment.first_month == NOVEMBER))
        [change] = late_changes(OCTOBER)
        assert change.open == D("210.00")  # what was taken away again was never billed


@pytest.mark.once
def test_what_was_too_much_is_given_back_however_often(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        first = issued(customer)
        delivered_late(customer, "900")

        note = settle(first, D("105.00"), "Too much", now=NOW).subject
        assert isinstance(note, Statement)
        assert note.total == D("-126.00")
        assert late_changes(OCTOBER) == []
        discard(note)
        assert late_changes(OCTOBER)[0].open == D("-105.00")
        settle(first, D("105.00"), "Too much", now=NOW)

        delivered_late(customer, "800")
        settle(first, D("105.00"), "Still too much", now=NOW)
        assert late_changes(OCTOBER) == []
        assert [one.remaining for one in open_credits(customer.id)] == [D("105.00")]


@pytest.mark.once
def test_billing_what_was_missing_replaces_no_charge_for_everybody(flask_app: Any, world: World) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        first = issued(customer)
        delivered_late(customer, "1100")
        db.session.execute(delete(ChargeAssignment))
        [plan] = db.session.scalars(select(ChargePlan).where(ChargePlan.name == "AWS Business"))
        assign_plan(None, plan.id, first_month=NOVEMBER)
        db.session.add(
            ChargeAssignment(
                provider=provider(), plan=plan, reseller_id=customer.reseller_id, customer_id=customer.id,
                last_month=OCTOBER,
            )
        )  # fmt: skip
        db.session.flush()

        with pytest.raises(WrongState, match="would replace them"):
            settle(first, D("12.34"), "Late usage", now=NOW)


@pytest.mark.once
def test_a_provider_that_delivered_nothing_yet_leaves_the_month_estimated(
    flask_app: Any, world: World
) -> None:
    with working(flask_app, world, kept=False) as customer:
        worked_example(customer)
        close_month(provider(), OCTOBER, now=NOW)
        assert not drafted(customer).is_estimated
        account = CloudAccount(
            customer=customer, provider=provider("azure"), account_id="sub-1", name="", created_at=NOW
        )
        db.session.add_all([account, AccountPeriod(customer_id=customer.id, account=account)])
        deliver([usage("sub-1", "VM", "10")], OCTOBER.replace(month=9), code="azure")
        assert drafted(customer).is_estimated


@pytest.mark.once
def test_a_price_per_unit_is_told_however_small_the_quantity() -> None:
    assert _unit_price(D("100000.00"), D("0.000000000000000001")) == D("1E+23")
    assert _unit_price(D(5), D(-1)) is None
