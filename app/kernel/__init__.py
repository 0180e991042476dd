"""Shared technique that knows no domain noun: time, exact column types, transactions, files, paging."""
