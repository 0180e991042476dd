"""What happened to a login, told inside the transaction: slices above act on it, and the services know none of them.

Each is sent with the user; those about links by name with ``token``, the secret part of a link, ``expires_at`` and
``now``.
"""

from __future__ import annotations

from blinker import Signal

#: An invitation link was made.
user_invited = Signal()
#: Somebody forgot the password. Sent with None where nobody may get a link: hearers then take as long as for a person.
password_forgotten = Signal()
#: A login was suspended, by whoever may; sent when its state has changed.
user_suspended = Signal()
#: A login was locked after failures. Sent with the user, and by name with ``until``, ``step`` (password or code) and
#: ``now``. Send what follows to the person only: whoever tries must not learn of it.
login_locked = Signal()
#: Somebody who may let a login in, or on to the approval: its address counts as proven. Sent with the user, and by name
#: with ``now``, when its state has changed.
address_vouched = Signal()
#: Somebody's second factor was taken away by another person. Sent with the user, and by name with ``now``.
second_factor_reset = Signal()
