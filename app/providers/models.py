"""The platform's catalogue of cloud providers, and which of them a reseller may resell."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Boolean, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.tenancy.models import Reseller
from app.tenancy.owned import GrantedToReseller, PlatformOwned

#: What the providers of the first catalogue call their account ids, for the translators. Others stay as entered.
ACCOUNT_LABELS: dict[str, object] = {
    "Account ID": _l("Account ID"),
    "AWS account ID": _l("AWS account ID"),
    "Azure subscription ID": _l("Azure subscription ID"),
    "Google Cloud project ID": _l("Google Cloud project ID"),
    "Tenancy OCID": _l("Tenancy OCID"),
    "IBM Cloud account ID": _l("IBM Cloud account ID"),
}


class Provider(PlatformOwned, Model):
    """A cloud provider. ``account_pattern`` is the regular expression that its account ids match as a whole."""

    __tablename__ = "providers"
    __audit_name__ = "provider"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    account_label: Mapped[str] = mapped_column(String(100), default="Account ID")
    account_pattern: Mapped[str] = mapped_column(String(200), default=r"\S{1,128}")
    account_example: Mapped[str] = mapped_column(String(100), default="")
    services: Mapped[list[str]] = mapped_column(JSON, default=list)  # names that can be chosen one by one
    has_reserved_instances: Mapped[bool] = mapped_column(Boolean, default=False)
    support_types: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(Integer, default=100)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    logo: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    logo_type: Mapped[str] = mapped_column(String(40), default="")

    @property
    def account_words(self) -> str:
        """What this provider calls its account ids, in the reader's language."""
        return str(ACCOUNT_LABELS.get(self.account_label, self.account_label))

    def __str__(self) -> str:
        return self.name


class ResellerProvider(GrantedToReseller, Model):
    """A provider that a reseller may resell."""

    __tablename__ = "reseller_providers"
    __audit_name__ = "reseller_provider"
    __audit_links__ = ("provider",)
    __table_args__ = (UniqueConstraint("reseller_id", "provider_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("providers.id"))
    in_solution_provider_program: Mapped[bool] = mapped_column(Boolean, default=False)

    provider: Mapped[Provider] = relationship(Provider, lazy="joined")
    reseller: Mapped[Reseller] = relationship(Reseller)

    def __str__(self) -> str:
        return str(self.provider)
