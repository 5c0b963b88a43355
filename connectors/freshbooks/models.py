"""FreshBooks objects as they travel: unknown fields are ignored, amounts are strings.

Unset values are null, an empty string or zero depending on the field; here an unset text or id
is the empty string and an unset date or amount is None. Numbers and dates are read narrowly: a
text that merely looks like one (an underscore, an exponent, a run of digits) is refused, because
the lenient readings of it are silently wrong.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from documents.customer import Existence

NUMBER_ERROR = "wire_number"
DATE_ERROR = "wire_date"

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,30})?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})( 00:00:00)?")


def _number(value: object) -> object:
    if isinstance(value, bool | float) or not _NUMBER.fullmatch(_written(value)):
        raise PydanticCustomError(NUMBER_ERROR, "is not a number")
    return Decimal(_written(value))


def _written(value: object) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _number_or_zero(value: object) -> object:
    return Decimal(0) if value in (None, "") else _number(value)


def _date_or_none(value: object) -> object:
    if value in (None, "", "0000-00-00"):
        return None
    match = _DATE.fullmatch(str(value))
    try:
        return date.fromisoformat(match[1]) if match else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> object:
    raise PydanticCustomError(DATE_ERROR, "is not a date")


def _text(value: object) -> object:
    return "" if value is None else str(value) if isinstance(value, int | Decimal) else value


def _id(value: object) -> object:
    return "" if value in (None, "", 0, "0") else _text(value)


def _or_false(value: object) -> object:
    return False if value in (None, "") else value


def _or_zero(value: object) -> object:
    return 0 if value in (None, "") else value


Number = Annotated[Decimal, BeforeValidator(_number)]
Percent = Annotated[Decimal, BeforeValidator(_number_or_zero)]
OptionalDate = Annotated[date | None, BeforeValidator(_date_or_none)]
Text = Annotated[str, BeforeValidator(_text)]
Id = Annotated[str, BeforeValidator(_id)]
Flag = Annotated[bool, BeforeValidator(_or_false)]
VisState = Annotated[int, BeforeValidator(_or_zero)]

_EXISTENCE = {0: Existence.ACTIVE, 1: Existence.DELETED, 2: Existence.ARCHIVED}


class Wire(BaseModel):
    """Base of all wire models. `vis_state` is 0 active, 1 deleted, 2 archived."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    vis_state: VisState = 0
    updated: Text = ""

    @property
    def existence(self) -> Existence:
        return _EXISTENCE.get(self.vis_state, Existence.ACTIVE)


class WireMoney(BaseModel):
    """`{"amount": "180.00", "code": "USD"}`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    amount: Number
    code: Text = ""


class WireLine(Wire):
    """A line of an invoice or a credit note; its tax fields alone are in camel case."""

    line_id: Id = Field("", validation_alias=AliasChoices("lineid", "id"))
    type: VisState = 0
    name: Text = ""
    description: Text = ""
    qty: Number
    unit_cost: WireMoney
    amount: WireMoney | None = None
    tax_name1: Text = Field("", validation_alias="taxName1")
    tax_name2: Text = Field("", validation_alias="taxName2")
    tax_percent1: Percent = Field(Decimal(0), validation_alias="taxAmount1")
    tax_percent2: Percent = Field(Decimal(0), validation_alias="taxAmount2")
    tax_number1: Text = Field("", validation_alias="taxNumber1")
    tax_number2: Text = Field("", validation_alias="taxNumber2")
    compounded_tax: Flag = False
    expenseid: Id = ""
    modern_project_id: Id = ""


Lines = Annotated[tuple[WireLine, ...], BeforeValidator(lambda lines: lines or ())]


class WireDocument(Wire):
    """What an invoice and a credit note share; `amount` is the total with taxes."""

    currency_code: Text = ""
    create_date: OptionalDate = None
    amount: WireMoney
    discount_value: Percent = Decimal(0)
    discount_total: WireMoney | None = None
    lines: Lines = ()


class WireInvoice(WireDocument):
    """An invoice read with `include[]=lines`."""

    id: Id = Field(validation_alias=AliasChoices("id", "invoiceid"))
    invoice_number: Text = ""
    customerid: Id = ""
    due_date: OptionalDate = None
    generation_date: OptionalDate = None
    parent: Id = ""
    paid: WireMoney | None = None
    outstanding: WireMoney | None = None
    deposit_amount: WireMoney | None = None
    deposit_percentage: Percent = Decimal(0)
    deposit_status: Text = ""
    status: int | None = None
    v3_status: Text = ""
    po_number: Text = ""
    version: Text = ""


class WireCreditNote(WireDocument):
    """A credit note read with `include[]=lines`."""

    id: Id = Field(validation_alias=AliasChoices("id", "creditid"))
    credit_number: Text = ""
    credit_type: Text = ""
    clientid: Id = ""
    paid: WireMoney | None = None


class WirePayment(Wire):
    """A payment; its id is also called `logid`."""

    id: Id = Field(validation_alias=AliasChoices("id", "logid"))
    invoiceid: Id = ""
    clientid: Id = ""
    amount: WireMoney
    date: OptionalDate = None
    type: Text = ""
    gateway: Text = ""
    note: Text = ""
    from_credit: Flag = False
    creditid: Id = ""
    overpaymentid: Id = ""


class WireClient(Wire):
    """A client; `p_` fields are the billing address. `signup_date` is UTC text."""

    id: Id = Field(validation_alias=AliasChoices("id", "userid"))
    organization: Text = ""
    fname: Text = ""
    lname: Text = ""
    email: Text = ""
    bus_phone: Text = ""
    mob_phone: Text = ""
    home_phone: Text = ""
    p_street: Text = ""
    p_street2: Text = ""
    p_city: Text = ""
    p_province: Text = ""
    p_code: Text = ""
    p_country: Text = ""
    currency_code: Text = ""
    language: Text = ""
    vat_number: Text = ""
    signup_date: Text = ""


class WireCallback(Wire):
    """A webhook registration; some pages call its id `id`, the wire calls it `callbackid`."""

    id: Id = Field(validation_alias=AliasChoices("callbackid", "id"))
    event: Text = ""
    uri: Text = ""
    verified: Flag = False


Row = dict[str, Any]
"""One object as JSON, decimals read as Decimal."""
