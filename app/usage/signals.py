"""What usage tells whoever listens."""

from __future__ import annotations

from blinker import signal

#: Parts of months became visible. Sender: the ``UsageImport``; ``reseller_id``, ``months`` (first days). Sent inside
#: the transaction that makes them visible, in the reseller's scope.
usage_imported = signal("usage-imported")
