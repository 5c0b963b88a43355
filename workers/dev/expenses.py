"""The expense policy of the demo company: small, and enough of everything to be seen at work."""

from __future__ import annotations

from typing import Any

ERIN, NOOR, OWEN = "Erin", "Noor", "Owen"


def expense_policy() -> dict[str, Any]:
    """As it stands in the connection file. Erin and Noor work for Owen; up to 50 nobody is
    asked, above that Noor (for Erin) or Owen, above 1000 Owen as well."""
    return {
        "people": [
            {"name": OWEN, "staff_id": "1", "vendor": "V-OWEN"},
            {"name": ERIN, "email": "erin@team.example", "vendor": "V-ERIN"},
            {"name": NOOR, "email": "noor@team.example", "vendor": "V-NOOR", "delegate": OWEN},
        ],
        "who_paid": [
            {"payer": "company", "accounts": ["Company card", "Petty cash"]},
            {"payer": "company", "tags": ["company"]},
            {"payer": "person", "accounts": [""]},
        ],
        "limits": [
            {"category": "Meals & Entertainment", "currency": "USD", "per": "day", "most": "80"},
            {
                "category": "Travel",
                "currency": "USD",
                "most": "5000",
                "severity": "refused",
            },
        ],
        "receipts": [{"above": {"USD": "75", "EUR": "70", "*": "75"}}],
        "rates": [
            {
                "category": "Car & Truck Expenses",
                "unit": "miles",
                "since": "2020-01-01",
                "rate": "0.67",
                "currency": "USD",
            }
        ],
        "currencies": ["USD", "CAD", "EUR", "GBP", "JPY"],
        "levels": [
            {"above": {"USD": "50", "*": "50", "JPY": "8000"}, "approvers": [NOOR, OWEN]},
            {"above": {"USD": "1000", "*": "1000", "JPY": "150000"}, "approvers": [OWEN, NOOR]},
        ],
    }
