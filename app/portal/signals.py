"""What happens at a storefront, told inside the transaction. Nothing but mail hangs on these."""

from __future__ import annotations

from blinker import Signal

#: Somebody signed up, or asked for the mail anew, and has to prove the address. Sent with the pending user, and by name
#: with ``token``, the secret part of the link, ``expires_at`` and ``now``. Sent with None where nobody may get a link
#: (the address is taken, its domain is refused): hearers then take as long as for a person. The page of the link is
#: ``ValidationView.show``, with ``nickname`` and ``token``.
email_validation_asked = Signal()
#: The address is proven, or need not be: the sign-up waits for the reseller. Sent with the approval request, and by
#: name with ``user`` and ``now``. The reseller itself is told by ``approvals.signals.approval_requested``.
signup_received = Signal()
#: Somebody signed up with an address that a login has already: in the console, at this reseller or at another one. Sent
#: with that login, and by name with ``now``, in the system's scope. The person should learn that there is a login, and
#: how to get in (``doors.door_of``); a login that waits for approval learns that it waits. The visitor learns nothing.
signup_known_address = Signal()
#: A sign-up was taken away, because its address was never proven or signed up again. Sent with the address as it was
#: typed, and by name with ``reseller_id`` and ``now``: whoever keeps something of it forgets it.
signup_forgotten = Signal()
