"""Statements: from stored usage and everything that was agreed to what a customer pays."""
