"""What happened to a login, told inside the transaction: slices above act on it, and the services know none of them.

Each is sent with the user, and by name with ``token``, the secret part of a link, ``expires_at`` and ``now``.
"""

from __future__ import annotations

from blinker import Signal

#: An invitation link was made.
user_invited = Signal()
#: Somebody forgot the password. Sent with None where nobody may get a link: hearers then take as long as for a person.
password_forgotten = Signal()
