"""Google Cloud billing export, detailed or standard, with nested names written with dots or underscores.

docs/usage-formats.md#google. Credits are a list on the row. Those of committed use lower the row's effective cost, and
the row is one that a commitment covers; every other credit becomes a line of its own.
"""

from __future__ import annotations

from app.usage.columns import AMOUNT, TEXT
from app.usage.formats.mapping import Format, LineMapping, costs
from app.usage.formats.sources import NO_TEXT, ZERO, Fault, Sources, chosen, first

_COMMITTED = "COMMITTED_USAGE"
#: Reductions of the contract; whatever else there is (promotions, free tier) is a credit.
_DISCOUNTS = ("SUSTAINED_USAGE_DISCOUNT", "DISCOUNT", "RESELLER_MARGIN")
_CATEGORIES = {
    "regular": "usage",
    "tax": "tax",
    "adjustment": "adjustment",
    "rounding_error": "adjustment",
    "credit": "credit",
}
_SHAPE = '[{"type":"VARCHAR","name":"VARCHAR","id":"VARCHAR","amount":"VARCHAR"}]'
#: The row itself, and not one of its credits.
_IS_MAIN = "piece IS NULL"
_REGULAR, _ADJUSTMENT, _NOTHING = "'regular'", "'adjustment'", "''"


def build(sources: Sources) -> LineMapping:
    """Return how rows of the billing export are read."""
    text, number, time = sources.text, sources.number, sources.time
    starts, currency, cost = time("usage_start_time"), text("currency"), number("cost")
    payer = text("billing_account_id")
    # Taxes, support and commitments belong to the billing account as a whole.
    account = first(f"nullif(trim({text('project.id')}), '')", payer)
    sku_text = text("sku.description")
    for expression, name in (
        (account, "project.id"),
        (starts, "usage_start_time"),
        (currency, "currency"),
        (cost, "cost"),
    ):
        sources.require(expression, name)
    credits = _credits(sources)
    is_committed = f"coalesce(contains(credit.type, '{_COMMITTED}'), false)"
    covering = sources.mark("covering", f"list_filter({credits}, lambda credit: {is_committed})")
    others = sources.mark("others", f"list_filter({credits}, lambda credit: NOT {is_committed})")
    amounts = f"list_transform({covering}, lambda credit: {_amount('credit.amount')})"
    covered = sources.mark("covered", f"coalesce(list_sum({amounts})::{AMOUNT}, {ZERO})")
    cost_type = first(text("cost_type"), _REGULAR)
    is_fee = sources.mark("is_fee", f"coalesce(regexp_matches({sku_text}, '^Commitment( |:|$)'), false)")
    is_usage = f"({_IS_MAIN} AND {cost_type} = 'regular' AND NOT {is_fee})"
    is_covered = f"({_IS_MAIN} AND len({covering}) > 0)"
    is_fee = f"({_IS_MAIN} AND {is_fee})"
    net = f"(CASE WHEN {_IS_MAIN} THEN {cost} + {covered} ELSE {_amount('piece.amount')} END)"
    quantity = number("usage.amount_in_pricing_units", "usage.amount")
    month, seller = text("invoice.month"), text("seller_name")
    listed = costs(
        is_usage=is_usage,
        list_cost=number("cost_at_list"),
        quantity=number("usage.amount_in_pricing_units"),
        list_unit_price=number("price.unit_price"),
        effective=net,
        billed=net,
    )
    first_credit = f"coalesce({covering}[1].id, {covering}[1].name)"
    words = f"lower(coalesce({covering}[1].type, {_NOTHING}) || coalesce({sku_text}, {_NOTHING}))"
    return LineMapping(
        expressions={
            "provider": "'google'",
            "month": f"coalesce(try_strptime({month}, '%Y%m')::DATE, date_trunc('month', {starts})::DATE)",
            "payer": first(payer, account),
            "account": account,
            "account_name": text("project.name"),
            "usage_date": f"{starts}::DATE",
            "starts_at": starts,
            "ends_at": time("usage_end_time"),
            "service": text("service.description"),
            "sku": text("sku.id"),
            "region": first(text("location.region"), text("location.location")),
            "usage_type": sku_text,
            "description": f"CASE WHEN {_IS_MAIN} THEN {sku_text} ELSE coalesce(piece.name, piece.type) END",
            "resource_id": first(text("resource.global_name"), text("resource.name")),
            "resource_name": text("resource.name"),
            "category": f"CASE WHEN {_IS_MAIN} THEN CASE WHEN {is_fee} THEN 'purchase' "
            f"ELSE {chosen(cost_type, _CATEGORIES, _ADJUSTMENT)} END "
            f"WHEN piece.type IN {_DISCOUNTS} THEN 'discount' ELSE 'credit' END",
            "is_correction": f"{_IS_MAIN} AND {text('adjustment_info.type')} IS NOT NULL",
            "pricing_category": f"CASE WHEN {is_covered} THEN 'committed' WHEN NOT {is_usage} THEN '' "
            f"WHEN coalesce(prefix({sku_text}, 'Spot Preemptible') OR prefix({sku_text}, 'Preemptible'), false) "
            "THEN 'dynamic' ELSE 'standard' END",
            "commitment_id": f"CASE WHEN {is_covered} THEN {first_credit} WHEN {is_fee} THEN {sku_text} END",
            "commitment_kind": f"CASE WHEN {is_covered} OR {is_fee} THEN "
            f"CASE WHEN contains({words}, 'dollar') THEN 'savings_plan' ELSE 'reserved' END END",
            "commitment_status": f"CASE WHEN {is_covered} THEN 'used' ELSE 'none' END",
            "line_type": f"CASE WHEN {_IS_MAIN} THEN {cost_type} ELSE piece.type END",
            "is_marketplace": f"coalesce(prefix({text('transaction_type')}, 'THIRD_PARTY'), "
            f"NOT contains({seller}, 'Google'), false)",
            "unit": text("usage.pricing_unit", "usage.unit"),
            "currency": currency,
            "quantity": f"CASE WHEN {_IS_MAIN} THEN {quantity} END",
            "list_cost": f"CASE WHEN {_IS_MAIN} THEN {listed['list_cost']} ELSE {net} END",
            "is_list_missing": listed["is_list_missing"],
            "contracted_cost": f"CASE WHEN {_IS_MAIN} THEN {cost} ELSE {net} END",
            "effective_cost": net,
            "billed_cost": net,
            "invoice_id": month,
            "tags": first(_labels(text("labels")), sources.tags("labels.")),
        },
        # NULL is the row itself; a list of nothing would drop it.
        pieces=f"list_prepend(NULL, {others})",
    )


def _credits(sources: Sources) -> str:
    """The credits of a row as a list; what is no list of credits is a fault."""
    credits = sources.text("credits")
    if credits == NO_TEXT:
        return f"[]::STRUCT(type {TEXT}, name {TEXT}, id {TEXT}, amount {TEXT})[]"
    if "credits" not in sources.typed:
        sources.typed["credits"] = (
            f"CASE WHEN json_valid({credits}) THEN from_json({credits}, '{_SHAPE}') END"
        )
        name = "credits"
        sources.faults += [
            Fault(name, credits, "not_a_number", f"{credits} IS NOT NULL AND NOT json_valid({credits})"),
            Fault(
                name,
                credits,
                "not_a_number",
                "len(list_filter(credits, lambda credit: credit.amount IS NULL "
                f"OR TRY_CAST(credit.amount AS {AMOUNT}) IS NULL)) > 0",
            ),
        ]
    return "coalesce(credits, [])"


def _amount(value: str) -> str:
    return f"TRY_CAST({value} AS {AMOUNT})"


def _labels(labels: str) -> str:
    """Labels are a list of keys and values."""
    if labels == NO_TEXT:
        return labels
    shape = '[{"key":"VARCHAR","value":"VARCHAR"}]'
    pairs = f"list_filter(from_json({labels}, '{shape}'), lambda label: label.key IS NOT NULL)"
    return (
        f"CASE WHEN prefix(ltrim({labels}), '[') AND json_valid({labels}) AND len({pairs}) > 0 THEN "
        f"to_json(map_from_entries(list_transform({pairs}, lambda label: (label.key, label.value))))::{TEXT} "
        f"WHEN prefix(ltrim({labels}), '{{') THEN {labels} END"
    )


FORMAT = Format(
    code="google",
    signature=frozenset({"usagestarttime", "servicedescription"}),
    required=(("billing_account_id",), ("cost",), ("currency",), ("sku.id",), ("project.id",)),
    build=build,
)
