"""Refusals are codes with parameters."""

import pytest

from app.rating.problems import InvalidPlan, ProblemCode, RatingError, problem, required, within
from app.rating.reasons import ReasonCode, reason


def test_refusal_names_all_its_problems_and_the_first_of_them() -> None:
    error = InvalidPlan(
        problem(ProblemCode.MINIMUM_ABOVE_MAXIMUM, "minimum", minimum=2, maximum=1),
        problem(ProblemCode.MISSING),
    )

    assert isinstance(error, ValueError)
    assert (error.code, error.field) == (ProblemCode.MINIMUM_ABOVE_MAXIMUM, "minimum")
    assert error.parameters == {"minimum": 2, "maximum": 1}
    assert error.problems[1].code is ProblemCode.MISSING
    assert str(error) == "minimum: minimum_above_maximum, missing"


def test_parameters_are_asked_for_by_name() -> None:
    one, why = problem(ProblemCode.DUPLICATE_ID, "id", id=7), reason(ReasonCode.NOT_YET, z=1, a="b")

    assert one.parameter("id") == 7
    assert why.parameter("a") == "b" and why.parameters == (("a", "b"), ("z", 1))
    with pytest.raises(KeyError):
        one.parameter("name")


def test_problem_of_a_part_is_one_of_the_whole() -> None:
    assert within("rules.4", [problem(ProblemCode.MISSING, "value")]) == [
        problem(ProblemCode.MISSING, "rules.4.value")
    ]


def test_what_has_to_be_there_is_asked_for() -> None:
    assert required(0, "amount") == 0
    with pytest.raises(RatingError) as refused:
        required(None, "amount")
    assert (refused.value.code, refused.value.field) == (ProblemCode.MISSING, "amount")
