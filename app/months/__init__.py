"""From which month something counts, and which months can no longer change (docs/pricing.md#months).

``locks`` says which months are on issued statements; ``terms`` keeps what a record said before it was changed.
"""
