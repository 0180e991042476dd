"""How money is computed: pure rules, frozen values in and out, the standard library and nothing else.

``docs/pricing.md`` tells the same to people, with the same numbers as the tests. Each module is imported by its name:
``from app.rating.pricebook import Book, resolve``.
"""
