"""What reports tell whoever listens."""

from __future__ import annotations

from blinker import signal

#: A threshold of a budget, or a customer's spend threshold, was crossed. Sender: the ``BudgetCrossing``; ``name`` of
#: the budget, ``whose`` it is, ``limit`` (the threshold as an amount), ``last`` (the last day that it is for),
#: ``recipients`` who asked to be told, ``now``. Sent inside the transaction that notes it, once per threshold and
#: period.
budget_crossed = signal("budget-crossed")
