"""What happened to a statement, told inside the transaction: mails hang on these.

Each is sent with the statement, and by name with ``now``.
"""

from __future__ import annotations

from blinker import Signal

#: A statement was issued: its customer sees it from now on.
statement_issued = Signal()
#: An issued statement was taken back, with a reason.
statement_voided = Signal()
