"""What a password must be: OWASP ASVS 5.0, chapter 6.2. Length and a list of common ones; no forced mix, no expiry."""

from __future__ import annotations

from functools import lru_cache

from flask_babel import gettext as _

from app.errors import Invalid
from app.kernel.folding import fold

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 256


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the words that are refused, folded: the 30,000 most frequent of real leaks, as zxcvbn collects them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # large: read when the first password is set

    return frozenset(fold(word) for word in FREQUENCY_LISTS["passwords"])


def _core(password: str) -> str:
    """The word inside a password, without the digits and marks that people put around it."""
    return fold(password).strip("0123456789!?.,;:-_#*+$%&/()= ")


def check_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raise ``Invalid`` with a sentence that says what to do when ``password`` is too weak.

    ``about``: the person's own name, address and organization, which the password must not simply repeat.
    """
    if len(password) < MINIMUM_LENGTH:
        raise Invalid(
            _("Use at least %(n)s characters. Three or four words make a good password.", n=MINIMUM_LENGTH)
        )
    if len(password) > MAXIMUM_LENGTH:
        raise Invalid(_("Use at most %(n)s characters.", n=MAXIMUM_LENGTH))
    folded = fold(password)
    if folded in common_passwords() or _core(password) in common_passwords() or len(set(folded)) < 4:
        raise Invalid(_("This password is on the list of common ones. Choose another."))
    if any(fold(word) == folded for word in about if word):
        raise Invalid(_("The password repeats the name or the address. Choose another."))
