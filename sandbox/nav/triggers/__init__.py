"""The code behind the tables."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.nav.schema import Table
from sandbox.nav.triggers.base import Trigger
from sandbox.nav.triggers.headers import HeaderTrigger
from sandbox.nav.triggers.journals import JournalTrigger
from sandbox.nav.triggers.lines import LineTrigger
from sandbox.nav.triggers.parties import CustomerTrigger, EmployeeTrigger, VendorTrigger
from sandbox.nav.triggers.purchases import PurchaseHeaderTrigger, PurchaseLineTrigger
from sandbox.nav.triggers.setup import DefaultDimensionTrigger, RateTrigger

_NOTHING = Trigger()

_TRIGGERS: Mapping[str, Trigger] = {
    "Customer": CustomerTrigger(),
    "Vendor": VendorTrigger(),
    "Employee": EmployeeTrigger(),
    "Sales Header": HeaderTrigger(),
    "Sales Line": LineTrigger(),
    "Purchase Header": PurchaseHeaderTrigger(),
    "Purchase Line": PurchaseLineTrigger(),
    "Gen. Journal Line": JournalTrigger(),
    "Default Dimension": DefaultDimensionTrigger(),
    "Currency Exchange Rate": RateTrigger(),
}


def trigger_of(table: Table) -> Trigger:
    """The code behind a table."""
    return _TRIGGERS.get(table.name, _NOTHING)
