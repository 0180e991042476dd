"""Sign-up: a visitor of a storefront asks to become a customer, and proves the address (domain, 13)."""
