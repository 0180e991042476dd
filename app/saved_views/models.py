"""One saved view of one person."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.tenancy.owned import PersonOwned

LONGEST_NAME = 60


class SavedView(PersonOwned, Model):
    """A list with a name. ``arguments`` is the address's query as the list itself writes it (``SavedList.written``).

    Not in the change log: a view is no business record, and its name and search are nobody else's business.
    """

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("reseller_id", "user_id", "list_key", "name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    list_key: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    arguments: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)

    def __str__(self) -> str:
        return self.name
