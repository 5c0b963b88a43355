"""The party of a document: a FreshBooks client, a customer of the target."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from documents.money import CurrencyCode


class Existence(StrEnum):
    """Whether the source still offers an object. Archived ones still count in the books."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


class Address(BaseModel):
    """A postal address as people typed it; empty strings where nothing was given."""

    model_config = ConfigDict(frozen=True)

    street: str = ""
    street2: str = ""
    city: str = ""
    province: str = ""
    postal_code: str = ""
    country: str = ""


class Customer(BaseModel):
    """A client of the source with what a customer card needs. Empty means not given."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    organization: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    address: Address = Address()
    currency: CurrencyCode | None = None
    language: str = ""
    vat_number: str = ""
    existence: Existence = Existence.ACTIVE

    @property
    def name(self) -> str:
        """The organization, or the person when there is none."""
        return self.organization.strip() or f"{self.first_name} {self.last_name}".strip()


class TargetCustomer(BaseModel):
    """A customer as the target has it. `currency` None means the target's local currency."""

    model_config = ConfigDict(frozen=True)

    number: str
    name: str
    email: str = ""
    key: str = ""
    currency: CurrencyCode | None = None
    blocked: str = ""
    fields: dict[str, str] = {}
