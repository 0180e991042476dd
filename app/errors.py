"""What can go wrong, in words for people.

Every refusal of the product is one of these. The order of refusal is fixed: invisible (404), not allowed (403),
wrong state (409), invalid (422); one handler in ``app.shell.errors`` maps them to pages.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l


class DomainError(Exception):
    """A refusal whose text may be shown to the person who caused it.

    ``field`` names the form field it belongs to, when there is one.
    """

    status = 422

    def __init__(self, message: object, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotVisible(DomainError):
    """The row does not exist for this person."""

    status = 404

    def __init__(self, message: object = _l("This page does not exist, or it is not yours to see.")) -> None:
        super().__init__(message)


class NotAllowed(DomainError):
    """The person may see the row, but may not do this to it."""

    status = 403


class WrongState(DomainError):
    """The row is not in a state in which this can be done."""

    status = 409


class EditConflict(WrongState):
    """Somebody else saved the record after this form was opened."""

    def __init__(
        self,
        message: object = _l(
            "Somebody else saved this record while you were editing it. Nothing was overwritten. "
            "Reload to see the new values."
        ),
    ) -> None:
        super().__init__(message)


class Invalid(DomainError):
    """What was entered cannot be used."""

    status = 422
