"""Whole numbers that come as text in addresses and forms, where anybody may write anything."""

import re

#: The largest key that a column of every engine holds.
LARGEST_ID = 2**31 - 1
#: The last page that any list could have.
LARGEST_PAGE = 999_999


def small_number(text: object, *, largest: int = LARGEST_ID) -> int | None:
    """Return the number from 0 to `largest` that `text` is in plain digits, None for anything else.

    `str.isdigit` alone lets through what `int` refuses ("²") or reads in another script, and a text of some thousand
    digits, which `int` refuses too.
    """
    digits = str(text)
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(largest)):
        return None
    number = int(digits)
    return number if number <= largest else None


#: An AWS account id as people copy it, with two or three groups of digits: 1234-5678-9012.
_GROUPED = re.compile(r"\d{4}[ -]\d{4}(?:[ -]\d{1,4})?", re.ASCII)


def compact_account_id(text: str) -> str:
    """Return the digits of an account id that is grouped for reading, nothing for any other text."""
    return re.sub(r"\D", "", text) if _GROUPED.fullmatch(text) else ""
