"""What happens at a storefront, told inside the transaction. Nothing but mail hangs on these."""

from __future__ import annotations

from blinker import Signal

#: Somebody signed up, or asked for the mail anew, and has to prove the address. Sent with the pending user, and by name
#: with ``token``, the secret part of the link, ``expires_at`` and ``now``. Sent with None where nobody may get a link
#: (the address is taken, its domain is refused): hearers then take as long as for a person.
email_validation_asked = Signal()
#: The address is proven, or need not be: the sign-up waits for the reseller. Sent with the approval request, and by name
#: with ``user`` and ``now``. The reseller itself is told by ``approvals.signals.approval_requested``.
signup_received = Signal()
