"""The forms by which plans are assigned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import wtforms
from flask import request
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.charges.assignments import Target
from app.charges.forms import LEVEL_WORDS
from app.charges.models import ChargeAssignment, ChargePlan, Level
from app.charges.months_fields import FirstMonthField, LastMonthField
from app.charges.rating import plan_now
from app.charges.words import price_words
from app.kernel.numbers import small_number
from app.months.locks import Lockable
from app.shell.crud import RecordForm
from app.shell.fields import BaseForm, CheckList, ChoiceField


def plan_choices(plans: Iterable[ChargePlan], *, with_provider: bool = False) -> list[tuple[str, str]]:
    """Return plans as a select offers them, with what they cost."""
    return [
        (
            str(one.id),
            f"{one.provider.name}: {one.name} ({price_words(plan_now(one))})"
            if with_provider
            else f"{one.name} ({price_words(plan_now(one))})",
        )
        for one in plans
    ]


class DefaultForm(BaseForm):
    """Pick a plan as the default of all customers; its provider comes with it."""

    plan_id = ChoiceField(_l("Plan"), required=True, choices=[], sentence=_l("Choose a plan."))
    first_month = FirstMonthField()
    last_month = LastMonthField()


class AssignForm(DefaultForm):
    """Pick a plan of one provider, and what it is for."""

    level = wtforms.RadioField(
        _l("Applies to"),
        choices=list(LEVEL_WORDS.items()),
        default=Level.CUSTOMER.value,
        validators=[InputRequired(_l("Choose what the plan is for."))],
    )
    group_id = ChoiceField(_l("Account group"), choices=[], description=_l("For an account group."))
    account_ids = CheckList(_l("Accounts"), choices=[], description=_l("For chosen accounts."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in (self.group_id, self.account_ids):
            one.flags.depends = True  # on what the plan is for

    def target(self) -> Target:
        """Return what the plan is for; what was entered for another choice does not count."""
        level = Level(self.level.data)
        if level is Level.GROUP:
            return Target(level, group_id=small_number(self.group_id.data or ""))
        if level is Level.ACCOUNT:
            return Target(level, account_ids=tuple(int(one) for one in self.account_ids.data or ()))
        return Target()


class ChangeAssignmentForm(RecordForm):
    """The plan and the months of one assignment."""

    plan_id = ChoiceField(
        _l("Plan"),
        required=True,
        choices=[],
        description=_l(
            "Another plan counts from the first month on; the months before keep the present one."
        ),
    )
    first_month = FirstMonthField()
    last_month = LastMonthField()

    def offer(self, row: ChargeAssignment, plans: Sequence[ChargePlan], what: Sequence[Lockable]) -> None:
        """Offer the plans of the same provider and the months; fill the form in where it is only opened."""
        others = [one for one in plans if one.provider_id == row.provider_id and one.id != row.plan_id]
        self.plan_id.choices = plan_choices([row.plan, *others])
        self.first_month.offer(what, given=row.first_month)
        self.last_month.offer(what, given=row.last_month)
        if request.method == "GET":
            self.plan_id.data = str(row.plan_id)
            self.remember(row)
