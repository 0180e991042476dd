"""The form of a charge plan."""

from __future__ import annotations

from decimal import Decimal

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.charges.models import PlanKind, PlanType
from app.kernel.numbers import small_number
from app.shell.choices import currency_choices
from app.shell.crud import RecordForm
from app.shell.fields import AmountField, ChoiceField, PercentField, SwitchField, Text

KIND_WORDS: dict[PlanKind, object] = {
    PlanKind.CHARGE: _l("Charge, added to the statement"),
    PlanKind.DISCOUNT: _l("Discount, taken off the statement"),
}
TYPE_WORDS: dict[PlanType, object] = {
    PlanType.PERCENT: _l("Percentage of the month's usage"),
    PlanType.FIXED: _l("Fixed amount every month"),
}


class ChargePlanForm(RecordForm):
    """A plan of one provider."""

    provider_id = ChoiceField(
        _l("Provider"),
        required=True,
        choices=[],
        coerce=small_number,
        description=_l("The plan counts for its usage."),
    )
    name = Text(
        _l("Name"),
        required=True,
        longest=100,
        sentence=_l("Enter a name, such as AWS Business Support."),
        description=_l("What you choose it by."),
    )
    line_text = Text(
        _l("Line text"), description=_l("Printed on statements. Without one, the name is printed.")
    )
    is_support_plan = SwitchField(
        _l("Support plan"),
        description=_l(
            "Counts as the customer's support for this provider: without one, customers show up on Home."
        ),
    )
    kind = wtforms.RadioField(
        _l("Kind"),
        choices=list(KIND_WORDS.items()),
        default=PlanKind.CHARGE.value,
        validators=[InputRequired(_l("Choose one of the list."))],
    )
    type = wtforms.RadioField(
        _l("How much"),
        choices=list(TYPE_WORDS.items()),
        default=PlanType.PERCENT.value,
        validators=[InputRequired(_l("Choose one of the list."))],
    )
    percent = PercentField(
        _l("Percentage"),
        lowest=Decimal(0),
        description=_l("For a percentage: 10 means 10 %."),
        depends=True,
    )
    amount = AmountField(_l("Amount per month"), description=_l("For a fixed amount."), depends=True)
    currency = ChoiceField(_l("Currency"), required=True, choices=currency_choices)
    is_retired = SwitchField(
        _l("Retired"), description=_l("No longer offered for new assignments. Customers who have it keep it.")
    )
