"""What happens to statements (docs/statements.md): drafted, issued, paid, taken back, corrected.

Services flush and never commit. Whoever changes a customer's statements holds the customer's row until the commit, and
then, where months are locked or numbers given, the reseller's.
"""
