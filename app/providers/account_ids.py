"""What an account id of a provider looks like: a regular expression that a Platform Admin enters.

Such an expression runs on what other people type, so one that could run for seconds is not taken: the ways in which
it can match a text of the longest length are counted (an upper bound); looking around and back references are refused.
"""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from flask_babel import gettext as _

from app.errors import Invalid

LONGEST_ID = 128
LONGEST_PATTERN = 200
MOST_WAYS = 4_000_000

_PLAIN = frozenset({codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.AT})
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})


def matches_account_id(pattern: str, text: str) -> bool:
    """Is ``text`` as a whole an account id by ``pattern``? Nothing longer than 128 characters is."""
    return len(text) <= LONGEST_ID and re.fullmatch(pattern, text, re.ASCII) is not None


def check_account_pattern(pattern: str, example: str) -> None:
    """Raise ``Invalid`` when ``pattern`` is no expression, could run for too long, or does not fit ``example``."""
    if len(pattern) > LONGEST_PATTERN:
        raise Invalid(
            _("Use at most %(longest)s characters.", longest=LONGEST_PATTERN), field="account_pattern"
        )
    try:
        tree = _parser.parse(pattern, re.ASCII)
        re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, FutureWarning, DeprecationWarning):
        raise Invalid(
            _("This is not a regular expression. Check brackets and backslashes."), field="account_pattern"
        ) from None
    if _ways(tree) > MOST_WAYS:
        raise Invalid(
            _(
                "This expression could take too long. Use fewer open repetitions, such as {1,20} instead of +."
            ),
            field="account_pattern",
        )
    if not example or not matches_account_id(pattern, example):
        raise Invalid(
            _("The example does not match the format. Change one of them."), field="account_example"
        )


def _ways(tree: Any) -> int:
    """Return an upper bound of the ways in which the parsed expression can match one text."""
    ways = 1
    for code, argument in tree:
        ways *= _ways_of(code, argument)
        if ways > MOST_WAYS:
            return ways
    return ways


def _ways_of(code: Any, argument: Any) -> int:
    if code in _PLAIN:
        return 1
    if code in _REPEATS:
        low, high, inner = argument
        high = min(int(high), LONGEST_ID)
        inside = _ways(inner)
        if high <= 1:
            return inside + 1
        if high == int(low) or inside == 1:
            return int(min(inside**high, MOST_WAYS + 1)) * max(1, high - int(low) + 1)
        raise Invalid(
            _(
                "A repeated group that can match in several ways could take too long. "
                "Give its parts fixed counts, such as {4}."
            ),
            field="account_pattern",
        )
    if code is codes.SUBPATTERN:
        return _ways(argument[3])
    if code is codes.ATOMIC_GROUP:
        return _ways(argument)
    if code is codes.BRANCH:
        return sum(_ways(branch) for branch in argument[1])
    raise Invalid(
        _(
            "Looking ahead or back and references to groups are not taken here. Use plain characters and repetitions."
        ),
        field="account_pattern",
    )
