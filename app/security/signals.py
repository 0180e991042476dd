"""What happened to a login, told inside the transaction: slices above act on it, and the services know none of them.

Each is sent with the user, and by name with ``token``, the secret part of the link, and ``now``.
"""

from __future__ import annotations

from blinker import Signal

#: An invitation link was made.
user_invited = Signal()
