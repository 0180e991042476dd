"""What a row is priced on: who owns a commitment, which switches are on, how purchases are billed."""

from typing import Any

import pytest

from app.rating.commitments import (
    Owner,
    Ownership,
    ProviderTerms,
    PurchaseMode,
    StatementKind,
    arn_account,
    bearing_account,
    owner_account,
    owner_of,
    treat,
)
from app.rating.pricebook import RuleScope
from app.rating.reasons import ReasonCode, reason
from app.rating.usage import (
    Basis,
    Category,
    CommitmentKind,
    CommitmentStatus,
    LineKind,
    Review,
    Treatment,
    UsageLine,
    basis_amount,
    list_basis,
)
from tests.rating.making import ONE, THREE, TWO, D, row, terms

USED, UNUSED = CommitmentStatus.USED, CommitmentStatus.UNUSED
RESERVED = f"arn:aws:ec2:eu-west-1:{ONE}:reserved-instances/0e7a"
MODES = list(PurchaseMode)
AMORTISED, IN_STATEMENT, SEPARATE, NOT_BILLED = MODES


def covered(**given: Any) -> UsageLine:
    return row(**({"commitment_id": RESERVED, "commitment_status": USED, "recurring_cost": D(7)} | given))


def treated(
    line: UsageLine, holds: ProviderTerms | None = None, mode: PurchaseMode = AMORTISED, **given: Any
) -> Treatment:
    """The row on the statement of whoever has account ONE."""
    holds = holds or terms(payer_accounts=frozenset({THREE}))
    owner = owner_of(line, holds, {ONE}, given.pop("purchase_accounts", {}))
    return treat(line, owner, holds, mode, given.pop("kind", StatementKind.USAGE))


@pytest.mark.parametrize(
    ("commitment", "account"),
    [
        (RESERVED, ONE),
        (f"arn:aws:savingsplans::{TWO}:savingsplan/1b2c", TWO),
        (f"arn:aws-cn:rds:cn-north-1:{ONE}:ri:mine", ONE),
        (f"arn:aws-us-gov:ec2:us-gov-west-1:{ONE}:reserved-instances/1", ONE),
        ("arn:aws:ec2:eu-west-1:1234:reserved-instances/0e7a", None),
        ("arn:aws:ec2:eu-west-1::reserved-instances/0e7a", None),
        (f"arn:aws:ec2:eu-west-1:{ONE}:", None),
        ("/providers/Microsoft.Capacity/reservationOrders/1", None),
        ("", None),
    ],
)
def test_owner_is_field_five_of_the_arn(commitment: str, account: str | None) -> None:
    assert arn_account(commitment) == account


def test_elsewhere_the_owner_is_the_account_of_the_purchase_row() -> None:
    line = covered(commitment_id="order-1")

    assert owner_account(line, {"order-1": TWO}) == TWO
    assert owner_account(line, {}) is None
    assert (
        owner_account(row(category=Category.PURCHASE, commitment_id="order-1", account=TWO), {"order-1": ONE})
        == TWO
    )
    assert owner_account(row(category=Category.PURCHASE, commitment_id=RESERVED, account=TWO), {}) == ONE
    assert owner_account(covered(), {RESERVED: TWO}) == ONE


@pytest.mark.parametrize(
    ("line", "account"),
    [
        (row(account=TWO), TWO),
        (covered(account=TWO), TWO),
        (covered(account=TWO, commitment_status=UNUSED), ONE),
        (row(account=TWO, category=Category.PURCHASE, commitment_id=RESERVED), ONE),
        (covered(account=TWO, commitment_id="unknown", commitment_status=UNUSED), TWO),
        (row(account=TWO, category=Category.PURCHASE), TWO),
    ],
)
def test_owner_bears_purchases_and_what_is_unused(line: UsageLine, account: str) -> None:
    assert bearing_account(line, {}) == account


@pytest.mark.parametrize(
    ("commitment", "owner"),
    [
        (RESERVED, Owner(Ownership.CUSTOMER, ONE)),
        (RESERVED.replace(ONE, TWO), Owner(Ownership.OTHER_ACCOUNT, TWO)),
        (RESERVED.replace(ONE, THREE), Owner(Ownership.PAYER, THREE)),
        ("order-1", Owner(Ownership.UNKNOWN, None)),
    ],
)
def test_payer_s_commitment_is_the_reseller_s_whoever_has_the_account(commitment: str, owner: Owner) -> None:
    holds = terms(payer_accounts=frozenset({THREE}))

    assert owner_of(covered(commitment_id=commitment), holds, {ONE, THREE}, {}) == owner


@pytest.mark.parametrize(
    ("owner", "kind", "passes_reserved", "passes_savings_plans", "basis", "code"),
    [
        (ONE, CommitmentKind.RESERVED, False, False, Basis.EFFECTIVE, ReasonCode.COMMITMENT_OWN),
        (ONE, CommitmentKind.SAVINGS_PLAN, False, False, Basis.EFFECTIVE, ReasonCode.COMMITMENT_OWN),
        (TWO, CommitmentKind.RESERVED, False, True, Basis.LIST, ReasonCode.COMMITMENT_KEPT),
        (TWO, CommitmentKind.RESERVED, True, False, Basis.EFFECTIVE, ReasonCode.COMMITMENT_PASSED),
        (TWO, CommitmentKind.SAVINGS_PLAN, True, False, Basis.LIST, ReasonCode.COMMITMENT_KEPT),
        (TWO, CommitmentKind.SAVINGS_PLAN, False, True, Basis.EFFECTIVE, ReasonCode.COMMITMENT_PASSED),
        (THREE, CommitmentKind.RESERVED, False, False, Basis.LIST, ReasonCode.COMMITMENT_KEPT),
        (THREE, CommitmentKind.RESERVED, True, False, Basis.EFFECTIVE, ReasonCode.COMMITMENT_PASSED),
    ],
)
def test_commitment_reaches_its_owner_or_whom_the_switch_lets_it(
    owner: str,
    kind: CommitmentKind,
    passes_reserved: bool,
    passes_savings_plans: bool,
    basis: Basis,
    code: ReasonCode,
) -> None:
    holds = terms(
        passes_reserved=passes_reserved,
        passes_savings_plans=passes_savings_plans,
        payer_accounts=frozenset({THREE}),
    )

    found = treated(covered(commitment_id=RESERVED.replace(ONE, owner), commitment_kind=kind), holds)

    assert (found.basis, found.reason.code, found.is_billed) == (basis, code, True)
    assert found.reason.parameter("owner") == owner
    is_kept = code is ReasonCode.COMMITMENT_KEPT
    assert found.scope is (RuleScope.ALL if is_kept else RuleScope.PERCENT_ONLY)
    assert found.keeps_difference is is_kept
    assert found.counts_list and found.reviews == ()


def test_nothing_is_passed_on_until_somebody_says_so() -> None:
    assert not any(ProviderTerms("aws").passes(kind) for kind in CommitmentKind)


def test_commitment_of_nobody_known_counts_as_the_reseller_s_and_is_listed() -> None:
    kept = treated(covered(commitment_id="order-1"))
    passed = treated(covered(commitment_id="order-1"), terms(passes_reserved=True))

    assert (kept.basis, kept.reviews) == (Basis.LIST, (Review.OWNER_UNKNOWN,))
    assert kept.reason == reason(ReasonCode.COMMITMENT_KEPT, ownership="unknown", owner=None)
    assert (passed.basis, passed.reviews) == (Basis.EFFECTIVE, (Review.OWNER_UNKNOWN,))


def test_purchase_row_names_the_owner_where_there_is_no_arn() -> None:
    line = covered(commitment_id="order-1")

    assert treated(line, purchase_accounts={"order-1": ONE}).reason.code is ReasonCode.COMMITMENT_OWN


@pytest.mark.parametrize(
    ("given", "basis", "code", "reviews", "amount"),
    [
        ({}, Basis.LIST, ReasonCode.LIST_PRICE, (), "100"),
        ({"listed": "0"}, Basis.LIST, ReasonCode.LIST_PRICE, (), "0"),
        ({"lines_without_list": 2}, Basis.LIST, ReasonCode.LIST_PRICE, (Review.LIST_MISSING,), "100"),
        (
            {"listed": None, "list_unit_price": D("0.5"), "quantity": D(30)},
            Basis.LIST_FROM_UNIT_PRICE,
            ReasonCode.LIST_FROM_UNIT_PRICE,
            (),
            "15",
        ),
        ({"listed": None}, Basis.EFFECTIVE, ReasonCode.LIST_MISSING, (Review.LIST_MISSING,), "60"),
    ],
)
def test_list_price_is_never_silently_zero(
    given: dict, basis: Basis, code: ReasonCode, reviews: tuple, amount: str
) -> None:
    line = row(**given)
    elsewhere = covered(
        commitment_id=RESERVED.replace(ONE, TWO),
        **({"list_cost": line.list_cost} | {k: v for k, v in given.items() if k != "listed"}),
    )

    found, kept = treated(line), treated(elsewhere)

    assert (found.basis, found.reason.code, found.reviews) == (basis, code, reviews)
    assert found.scope is RuleScope.ALL and found.kind is LineKind.USAGE and found.counts_list
    assert (kept.basis, kept.reviews) == (basis, reviews)
    assert basis_amount(line, list_basis(line)) == D(amount)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (row(is_spot=True), (True, LineKind.USAGE, Basis.EFFECTIVE, RuleScope.ALL, ReasonCode.SPOT)),
        (
            row(category=Category.PURCHASE),
            (True, LineKind.PURCHASE, Basis.BILLED, RuleScope.PERCENT_ONLY, ReasonCode.OTHER_PURCHASE),
        ),
        (
            row(category=Category.ADJUSTMENT),
            (
                True,
                LineKind.PROVIDER_ADJUSTMENT,
                Basis.BILLED,
                RuleScope.PERCENT_ONLY,
                ReasonCode.PROVIDER_ADJUSTMENT,
            ),
        ),
        (
            row(is_marketplace=True),
            (True, LineKind.MARKETPLACE, Basis.BILLED, RuleScope.NAMED, ReasonCode.MARKETPLACE),
        ),
        (
            row(is_marketplace=True, category=Category.PURCHASE),
            (True, LineKind.MARKETPLACE, Basis.BILLED, RuleScope.NAMED, ReasonCode.MARKETPLACE),
        ),
        (
            row(category=Category.TAX),
            (False, LineKind.TAX, Basis.NOTHING, RuleScope.NONE, ReasonCode.PROVIDER_TAX),
        ),
        (
            row(category=Category.NEGATION),
            (True, LineKind.USAGE, Basis.NOTHING, RuleScope.NONE, ReasonCode.NEGATION),
        ),
        *[
            (
                row(category=one),
                (False, LineKind.PROVIDER_CREDIT, Basis.NOTHING, RuleScope.NONE, ReasonCode.CREDIT_KEPT),
            )
            for one in (Category.CREDIT, Category.REFUND, Category.DISCOUNT)
        ],
    ],
)
def test_each_kind_of_row_has_its_basis(line: UsageLine, expected: tuple) -> None:
    found = treated(line)

    assert (found.is_billed, found.kind, found.basis, found.scope, found.reason.code) == expected
    assert found.counts_cost is (found.reason.code is not ReasonCode.PROVIDER_TAX)
    assert found.counts_list is (found.reason.code in (ReasonCode.SPOT, ReasonCode.OTHER_PURCHASE))


@pytest.mark.parametrize("category", [Category.CREDIT, Category.REFUND, Category.DISCOUNT])
def test_switch_passes_provider_credits_on_whole(category: Category) -> None:
    found = treated(row(category=category), terms(passes_credits=True))

    assert (found.is_billed, found.basis, found.scope) == (True, Basis.BILLED, RuleScope.NONE)


def test_marketplace_fees_can_be_left_out() -> None:
    found = treated(row(is_marketplace=True), terms(includes_marketplace=False))

    assert (found.is_billed, found.counts_cost) == (False, False)
    assert found.reason.code is ReasonCode.MARKETPLACE_LEFT_OUT


FEE = row(category=Category.PURCHASE, commitment_id=RESERVED)
CARRIED = row(category=Category.PURCHASE, commitment_id=RESERVED, is_carried=True)
FOREIGN = row(category=Category.PURCHASE, commitment_id=RESERVED.replace(ONE, TWO))


@pytest.mark.parametrize(
    ("line", "mode", "kind", "is_billed", "counts_cost", "code"),
    [
        (FEE, AMORTISED, "usage", False, True, ReasonCode.PURCHASE_AMORTISED),
        (FEE, IN_STATEMENT, "usage", True, True, ReasonCode.PURCHASE_FEE),
        (FEE, SEPARATE, "usage", False, False, ReasonCode.PURCHASE_FEE_ELSEWHERE),
        (FEE, NOT_BILLED, "usage", False, True, ReasonCode.PURCHASE_NOT_BILLED),
        (FEE, AMORTISED, "fees", False, False, ReasonCode.PURCHASE_FEE_ELSEWHERE),
        (FEE, IN_STATEMENT, "fees", False, False, ReasonCode.PURCHASE_FEE_ELSEWHERE),
        (FEE, SEPARATE, "fees", True, True, ReasonCode.PURCHASE_FEE),
        (FEE, NOT_BILLED, "fees", False, False, ReasonCode.PURCHASE_FEE_ELSEWHERE),
        (CARRIED, AMORTISED, "usage", False, True, ReasonCode.PURCHASE_AMORTISED),
        (CARRIED, IN_STATEMENT, "usage", False, True, ReasonCode.PURCHASE_CARRIED),
        (CARRIED, SEPARATE, "usage", False, True, ReasonCode.PURCHASE_CARRIED),
        (CARRIED, SEPARATE, "fees", False, False, ReasonCode.PURCHASE_FEE_ELSEWHERE),
        (FOREIGN, IN_STATEMENT, "usage", False, False, ReasonCode.PURCHASE_FEE_ELSEWHERE),
        (FOREIGN, SEPARATE, "fees", False, False, ReasonCode.PURCHASE_FEE_ELSEWHERE),
        (row(), SEPARATE, "fees", False, False, ReasonCode.NOT_A_FEE),
        (row(category=Category.PURCHASE), SEPARATE, "fees", False, False, ReasonCode.NOT_A_FEE),
    ],
)
def test_purchase_is_billed_once_as_the_setting_says(
    line: UsageLine, mode: PurchaseMode, kind: str, is_billed: bool, counts_cost: bool, code: ReasonCode
) -> None:
    found = treated(line, mode=mode, kind=StatementKind(kind))

    assert (found.is_billed, found.counts_cost, found.reason.code) == (is_billed, counts_cost, code)
    if is_billed:
        assert (found.kind, found.basis) == (LineKind.COMMITMENT_FEE, Basis.BILLED)
        assert (found.scope, found.counts_list) == (RuleScope.PERCENT_ONLY, False)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [USED, UNUSED])
def test_covered_and_unused_rows_carry_the_recurring_part_where_the_fee_is_apart(
    mode: PurchaseMode, status: CommitmentStatus
) -> None:
    known = treated(covered(commitment_status=status), mode=mode)
    unknown = treated(covered(commitment_status=status, recurring_cost=None), mode=mode)

    if mode is AMORTISED:
        assert known.basis is unknown.basis is Basis.EFFECTIVE
        assert unknown.reviews == ()
    else:
        assert (known.basis, known.reviews) == (Basis.RECURRING, ())
        assert (unknown.basis, unknown.reviews) == (Basis.BILLED, (Review.RECURRING_UNKNOWN,))


def test_recurring_part_of_nothing_is_known() -> None:
    found = treated(covered(recurring_cost=D(0)), mode=IN_STATEMENT)

    assert (found.basis, found.reviews) == (Basis.RECURRING, ())


@pytest.mark.parametrize(("owner", "basis"), [(TWO, Basis.RECURRING), (THREE, Basis.EFFECTIVE)])
def test_fee_is_never_billed_twice_nor_lost(owner: str, basis: Basis) -> None:
    """Another customer pays the fee of an account; nobody pays that of the payer's commitment."""
    holds = terms(passes_reserved=True, payer_accounts=frozenset({THREE}))

    found = treated(covered(commitment_id=RESERVED.replace(ONE, owner)), holds, IN_STATEMENT)

    assert found.basis is basis


@pytest.mark.parametrize(
    ("commitment", "is_billed", "reviews"),
    [
        (RESERVED, True, ()),
        (RESERVED.replace(ONE, TWO), False, ()),
        (RESERVED.replace(ONE, THREE), False, ()),
        ("order-1", False, (Review.OWNER_UNKNOWN,)),
    ],
)
def test_unused_commitment_is_paid_by_its_owner(commitment: str, is_billed: bool, reviews: tuple) -> None:
    holds = terms(passes_reserved=True, payer_accounts=frozenset({THREE}))

    found = treated(covered(commitment_id=commitment, commitment_status=UNUSED), holds)

    assert (found.is_billed, found.counts_cost, found.counts_list) == (is_billed, is_billed, False)
    assert found.reviews == reviews
    assert found.basis is (Basis.EFFECTIVE if is_billed else Basis.NOTHING)
    assert not is_billed or found.scope is RuleScope.PERCENT_ONLY


def test_basis_is_a_number_of_the_row() -> None:
    line = row(recurring_cost=D(7), billed_cost=D(55))

    assert [
        basis_amount(line, one) for one in (Basis.EFFECTIVE, Basis.BILLED, Basis.RECURRING, Basis.NOTHING)
    ] == [
        D("60.0"),
        D(55),
        D(7),
        D(0),
    ]
    for unknown in (Basis.LIST, Basis.LIST_FROM_UNIT_PRICE, Basis.RECURRING):
        with pytest.raises(ValueError):
            basis_amount(row(listed=None), unknown)


@pytest.mark.parametrize(
    "field", ["quantity", "effective_cost", "billed_cost", "list_cost", "recurring_cost", "list_unit_price"]
)
def test_row_takes_decimals_only(field: str) -> None:
    with pytest.raises(TypeError):
        row(**{field: 0.1})
    with pytest.raises(ValueError):
        row(**{field: D("NaN")})
    with pytest.raises(ValueError):
        row(currency="")
