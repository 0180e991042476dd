"""What happened to a request, told inside the transaction. Nothing but mail hangs on these.

Each is sent with the request, and by name with ``now``. ``approval_declined`` is sent while the applicant's login is
still there, which a declined sign-up takes with it. Ops' signals are sent in the scope of the request's reseller.
"""

from __future__ import annotations

from blinker import Signal

#: Somebody asked; the reseller has to decide.
approval_requested = Signal()
#: The reseller said no; ``request.reason`` says why.
approval_declined = Signal()
#: The reseller said yes (or asked itself): the request is with Cloud Ops. A sign-up's customer is active by now.
approval_forwarded = Signal()
#: Somebody at Cloud Ops works on it.
request_taken = Signal()
#: Cloud Ops did it.
request_completed = Signal()
#: Cloud Ops could not; ``request.reason`` says why.
request_rejected = Signal()
