"""The forms of charge plans: a plan with its bands, the calculator, and what a plan is assigned to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

import wtforms
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Optional

from app.charges.bands import band_text, read_band
from app.charges.problems import PlanRefused
from app.errors import DomainError
from app.kernel.numbers import small_number
from app.kernel.plain_text import has_control_characters
from app.months.fields import CountsFromField
from app.rating.assignments import Level
from app.rating.plans import Band, Frequency, PlanBase, PlanKind, PlanScope, PlanType
from app.shell.choices import currency_choices
from app.shell.crud import RecordForm
from app.shell.fields import (
    AmountField,
    BaseForm,
    ChoiceField,
    PercentField,
    SwitchField,
    Text,
    WholeNumberField,
)

KIND_WORDS: dict[PlanKind, object] = {
    PlanKind.CHARGE: _l("Charge, added to the statement"),
    PlanKind.DISCOUNT: _l("Discount, taken off the statement"),
}
TYPE_WORDS: dict[PlanType, object] = {
    PlanType.PERCENT: _l("Percentage of the month's usage"),
    PlanType.FIXED: _l("Fixed amount"),
    PlanType.TIERED: _l("Tiered: each slice of the usage at a rate of its own"),
}
BASE_WORDS: dict[PlanBase, object] = {
    PlanBase.LIST_COST: _l("List cost: the provider's price before any discount"),
    PlanBase.SELLER_COST: _l("Seller cost: what you pay"),
    PlanBase.CUSTOMER_COST: _l("Customer cost: what the pricebook made of it"),
}
SCOPE_WORDS: dict[PlanScope, object] = {
    PlanScope.PER_ACCOUNT: _l("Each account by itself"),
    PlanScope.SUM: _l("Once over the sum of all its accounts, shared among them by spend"),
}
FREQUENCY_WORDS: dict[Frequency, object] = {
    Frequency.MONTHLY: _l("Every month"),
    Frequency.ONE_TIME: _l("Once, in the month in which it begins"),
}
LEVEL_WORDS: dict[Level, object] = {
    Level.CUSTOMER: _l("All accounts: the customer's default"),
    Level.GROUP: _l("An account group"),
    Level.ACCOUNT: _l("Chosen accounts"),
}
#: The decimals of the finest currency; how many the plan's own has is asked when it is saved.
FINEST = 4
#: How many empty lines a table of bands has for a new plan.
FIRST_LINES = 3


def _amount(label: object, **kwargs: Any) -> AmountField:
    """An amount in the plan's currency, which may have more decimals than two."""
    return AmountField(label, decimals=FINEST, **kwargs)


def _one_of(label: object, words: Mapping[Any, object], usual: Any, **kwargs: Any) -> wtforms.RadioField:
    return wtforms.RadioField(
        label,
        choices=list(words.items()),
        default=usual.value,
        validators=[InputRequired(_l("Choose one of the list."))],
        **kwargs,
    )


class BandForm(wtforms.Form):
    """One line of the table of bands."""

    class Meta(BaseForm.Meta):
        """Our sentences; the token is the outer form's."""

        csrf = False

    from_amount = _amount(_l("From"))
    to_amount = _amount(_l("Up to"))
    percent = PercentField(_l("Percentage"), lowest=Decimal(0))
    amount = _amount(_l("Fixed amount"))

    @property
    def is_empty(self) -> bool:
        """Nothing is entered, so that the line counts as none."""
        return not any(
            (field.raw_data or [""])[0].strip() if field.raw_data else field.data for field in self
        )


class ServicesField(wtforms.TextAreaField):
    """Names of services, one on each line."""

    data: Any

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = list(
                dict.fromkeys(line for one in valuelist[0].splitlines() if (line := one.strip()))
            )

    def pre_validate(self, form: Any) -> None:
        if any(has_control_characters(one) for one in self.data or ()):
            raise wtforms.ValidationError(
                _("Remove the control characters: they cannot be stored or printed.")
            )

    def _value(self) -> str:
        return "\n".join(self.data or ())


class ChargePlanForm(RecordForm):
    """A plan of one provider."""

    audit_fields: ClassVar[Mapping[str, str]] = {}

    provider_id = ChoiceField(
        _l("Provider"),
        required=True,
        sentence=_l("Choose a provider."),
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
    kind = _one_of(_l("Kind"), KIND_WORDS, PlanKind.CHARGE)
    type = _one_of(_l("How much"), TYPE_WORDS, PlanType.PERCENT)
    percent = PercentField(
        _l("Percentage"),
        lowest=Decimal(0),
        description=_l("For a percentage: 10 means 10 %."),
        depends=True,
    )
    amount = _amount(_l("Amount"), description=_l("For a fixed amount."), depends=True)
    currency = ChoiceField(_l("Currency"), required=True, choices=currency_choices)
    bands = wtforms.FieldList(wtforms.FormField(BandForm), _l("Bands"), max_entries=50)
    minimum = _amount(_l("Minimum"), description=_l("At least this, whatever the usage is."))
    maximum = _amount(_l("Maximum"), description=_l("At most this."))
    base = _one_of(_l("A percentage or band is of"), BASE_WORDS, PlanBase.LIST_COST)
    scope = _one_of(_l("Computed for"), SCOPE_WORDS, PlanScope.PER_ACCOUNT)
    frequency = _one_of(_l("Charged"), FREQUENCY_WORDS, Frequency.MONTHLY)
    is_prorated = SwitchField(
        _l("Pro-rated"),
        description=_l("In a month that is not whole, fixed amounts and the minimum count by days."),
    )
    includes_fixed = SwitchField(
        _l("With fixed charges"), description=_l("Percentages and bands see fixed charges, not usage alone.")
    )
    includes_marketplace = SwitchField(
        _l("With marketplace"),
        description=_l("Percentages and bands see what third parties sell through the provider."),
    )
    excluded_services = ServicesField(
        _l("Excluded services"),
        validators=[Optional()],
        description=_l("One on each line, as the provider's bill names them. Their usage does not count."),
        render_kw={"rows": 3},
    )
    valid_from = wtforms.DateField(_l("Valid from"), validators=[Optional()])
    valid_to = wtforms.DateField(
        _l("Valid to"), validators=[Optional()], description=_l("The last day. Empty means without end.")
    )
    counts_from = CountsFromField()
    is_retired = SwitchField(
        _l("Retired"), description=_l("No longer offered for new assignments. Customers who have it keep it.")
    )
    spend = AmountField(_l("Spend of each account"), description=_l("In the currency of the plan."))
    accounts = wtforms.StringField(_l("Number of accounts"), default="1", render_kw={"inputmode": "numeric"})

    def show(self, values: Mapping[str, Any]) -> None:
        """Fill the form with the terms of a plan or a template that is not saved."""
        for name, value in values.items():
            if name != "bands" and name in self:
                self[name].data = getattr(value, "value", value)
        self.show_bands(values.get("bands", ()))

    def show_bands(self, bands: Iterable[Band | str]) -> None:
        """Fill the table of bands."""
        read = [read_band(one) if isinstance(one, str) else one for one in bands]
        lines = [
            {
                "from_amount": one.from_amount,
                "to_amount": one.to_amount,
                "percent": one.percent,
                "amount": one.amount,
            }
            for one in read
        ]
        self.bands.process(None, lines or [{} for _line in range(FIRST_LINES)])

    def change_lines(self, what: str) -> int | None:
        """Add a line to the table or remove one (``remove-2``: the third); returns which line to go on with."""
        lines = [{name: field.raw_text for name, field in one.form._fields.items()} for one in self.bands]
        if what == "add":
            before = lines[-1]["to_amount"] if lines else "0"
            lines.append({"from_amount": before, "to_amount": "", "percent": "", "amount": ""})
        else:
            number = small_number(what.removeprefix("remove-"))
            if number is not None and number < len(lines):
                del lines[number]
        self.bands.process(None, [{} for _line in lines])
        for one, texts in zip(self.bands, lines, strict=True):
            for name, text in texts.items():
                one.form[name].raw_text = text
        return len(lines) - 1 if lines else None

    def values(self) -> dict[str, Any]:
        """Return what is stored: the plan's fields, ``bands`` as those of ``app.rating``."""
        names = [name for name in self._fields if name not in ("bands", "counts_from", "spend", "accounts")]
        return {name: self[name].data for name in names} | {"bands": self._bands()}

    def _bands(self) -> tuple[Band, ...]:
        """The lines that are filled in. A line without a start begins where the one before it ends."""
        found: list[Band] = []
        for _number, one in self._lines():
            low = one.from_amount.data
            if low is None:
                low = Decimal(0) if not found else found[-1].to_amount
            found.append(
                Band(
                    Decimal(0) if low is None else low, one.to_amount.data, one.percent.data, one.amount.data
                )
            )
        return tuple(found)

    def _lines(self) -> list[tuple[int, BandForm]]:
        return [(number, one.form) for number, one in enumerate(self.bands) if not one.form.is_empty]

    def attach(self, refusal: DomainError) -> None:
        """Show all that is wrong with a plan, each beside its field, those of the bands in their line."""
        told = (
            refusal.sentences if isinstance(refusal, PlanRefused) else [(refusal.field or "", str(refusal))]
        )
        for place, text in told:
            field = self._field_at(place)
            if field is not None and text not in field.errors:
                field.errors = [*field.errors, text]
            elif field is None:
                self.form_errors.append(text)

    def _field_at(self, place: str) -> Any:
        name, *rest = place.split(".")
        if name == "bands" and len(rest) == 2:
            return self._lines()[int(rest[0])][1][rest[1]]
        if name == "bands":
            return self.band_notes
        return self._fields.get(name)

    class _Notes:
        def __init__(self) -> None:
            self.errors: list[str] = []

    @property
    def band_notes(self) -> Any:
        """What is wrong with the table as a whole (``errors``)."""
        if not hasattr(self, "_band_notes"):
            self._band_notes = self._Notes()
        return self._band_notes

    def told(self) -> list[tuple[str, str]]:
        """Return (id of the field, text) of all that is wrong, for the summary."""
        found = [("", str(text)) for text in self.form_errors]
        for name, field in self._fields.items():
            if name == "bands":
                found += [("bands", text) for text in self.band_notes.errors]
                found += [(part.id, str(text)) for one in field for part in one.form for text in part.errors]
            else:
                found += [(field.id, str(text)) for text in field.errors]
        return found

    def entered(self, name: str) -> Any:
        if name == "bands":
            try:
                return [band_text(one) for one in self._bands()]
            except ValueError:
                return ""
        return super().entered(name)


class CalculatorForm(wtforms.Form):
    """What a plan would cost: a form that only asks."""

    class Meta(BaseForm.Meta):
        """Nothing is changed, so there is no token."""

        csrf = False

    spend = AmountField(_l("Spend of each account"), required=True)
    accounts = WholeNumberField(_l("Number of accounts"), lowest=1, highest=10_000, default=1)
