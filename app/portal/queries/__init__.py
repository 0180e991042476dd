"""What a customer may see of itself, and nothing else.

These reads name their columns. No page of the portal gets a record of the console: seller cost, pricebooks, rules and
custom fields cannot slip through a template that never has them.
"""
