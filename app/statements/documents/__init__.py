"""The documents of a statement: pure functions of a ``Paper``, without database or request (docs/documents.md).

>>> from app.statements.documents import csv, pdf, xlsx
"""

from app.statements.documents.printing import pdf
from app.statements.documents.spreadsheet import xlsx
from app.statements.documents.tables import csv

__all__ = ["csv", "pdf", "xlsx"]
