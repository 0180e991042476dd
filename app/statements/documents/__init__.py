"""The documents of a statement: pure functions of a ``Paper``, without database and without request (docs/documents.md).

>>> from app.statements.documents import csv, pdf, xlsx
"""

from app.statements.documents.printing import pdf

__all__ = ["pdf"]
