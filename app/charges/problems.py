"""What ``app.rating`` finds wrong with a plan or an assignment, in words for the field it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from flask_babel import gettext as _

from app.errors import Invalid
from app.rating.problems import Problem, ProblemCode
from app.shell.formats import amount_text, number_text


class PlanRefused(Invalid):
    """A plan, or its assignment, that cannot be used. ``sentences`` are (field, text) of all that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.sentences = [(one.field, sentence_of(one)) for one in problems]
        field, text = self.sentences[0]
        super().__init__(text, field=field)


def _amount(problem: Problem, name: str) -> str:
    value = problem.parameter(name)
    return amount_text(value, is_exact=True) if isinstance(value, Decimal) else ""


def sentence_of(problem: Problem) -> str:
    """Return what is wrong and what to do about it."""
    code = problem.code
    name = problem.field.rpartition(".")[2]
    if code is ProblemCode.MISSING:
        return {
            "percent": _("Enter the percentage, such as 10."),
            "amount": _("Enter the amount, such as 100.00."),
        }.get(name, _("Fill in this field."))
    if code is ProblemCode.NOT_WANTED:
        if name == "bands":
            return _("Bands belong to a plan that is tiered. Remove them, or choose Tiered.")
        return _("Enter either a percentage or an amount.") if name in ("percent", "amount") else ""
    if code in (ProblemCode.ABOVE_100, ProblemCode.TOO_LARGE):
        largest = problem.parameter("largest")
        highest = number_text(largest) if isinstance(largest, Decimal) else str(largest)
        return _("Enter a percentage from 0 to %(highest)s.", highest=highest)
    if code in (ProblemCode.NEGATIVE, ProblemCode.BELOW_MINUS_100):
        if name == "percent":
            return _(
                "Enter a percentage of at least 0. A discount is a kind of plan, not a negative percentage."
            )
        return _("Enter an amount of at least 0. A discount is a kind of plan, not a negative amount.")
    if code is ProblemCode.MINIMUM_ABOVE_MAXIMUM:
        return _(
            "The minimum, %(minimum)s, is above the maximum, %(maximum)s.",
            minimum=_amount(problem, "minimum"),
            maximum=_amount(problem, "maximum"),
        )
    if code is ProblemCode.BANDS_GAP:
        return _(
            "No band covers %(low)s to %(high)s. Let this band start at %(low)s.",
            low=_amount(problem, "from_amount"),
            high=_amount(problem, "to_amount"),
        )
    if code is ProblemCode.BANDS_OVERLAP:
        high = _amount(problem, "to_amount")
        if not high:
            return _(
                "The band before is open above, so this one can never be reached. Enter where that one ends."
            )
        return _(
            "Two bands cover %(low)s to %(high)s. Let this band start at %(high)s.",
            low=_amount(problem, "from_amount"),
            high=high,
        )
    if code is ProblemCode.BANDS_END:
        return _(
            "What is above %(last)s has no band. Leave this field empty, or add a band.",
            last=_amount(problem, "last"),
        )
    sentences = {
        ProblemCode.END_BEFORE_START: _("The end is before the start."),
        ProblemCode.NO_START: _("A one-time plan is charged in the month it begins. Choose that month."),
        ProblemCode.NO_DAYS: _("There is no day in these months on which the plan holds."),
        ProblemCode.NO_BANDS: _("Enter at least one band."),
        ProblemCode.BANDS_START_ABOVE_ZERO: _("The first band starts at 0."),
        ProblemCode.BAND_EMPTY: _("Enter an amount above the one where the band starts."),
        ProblemCode.BAND_WITHOUT_RATE: _("Enter a percentage or an amount."),
        ProblemCode.BAND_WITH_TWO_RATES: _("Enter either a percentage or an amount."),
        ProblemCode.NO_CURRENCY: _("Choose one of the list."),
        ProblemCode.TOO_MANY_DECIMALS: _("Use fewer decimals."),
    }
    return sentences.get(code, _("This cannot be used here."))
