"""The records of set-up tables that services read."""

from __future__ import annotations

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.documents.lists import CUST_GROUP, EXCHANGE_RATE, PAYM_TERM
from sandbox.ax.setup import seeded_rates


def ensure_set_up(company: Company) -> None:
    """Give the company its set-up if it has none."""
    if len(company["CustGroup"]) == 0:
        with company.database.transaction():
            _fill(company)


def reset_company(company: Company) -> None:
    """Empty the books and put the set-up back to its beginnings; numbers go on where they were."""
    with company.database.transaction():
        for rows in company.tables:
            rows.clear()
        company.setup.clear()
        _fill(company)


def _fill(company: Company) -> None:
    for group, name in chart.CUSTOMER_GROUPS.items():
        row = {**CUST_GROUP.blank(), "CustGroup": group, "Name": name, "PaymTermId": "30D"}
        company.insert("CustGroup", {**row, "TaxGroupId": "NONE"})
    for term, (months, days) in chart.TERMS.items():
        row = {**PAYM_TERM.blank(), "PaymTermId": term, "NumOfMonths": months, "NumOfDays": days}
        company.insert("PaymTerm", {**row, "Description": f"Net {term}"})
    for currency, day, rate in seeded_rates():
        add_rate(company, currency, day, rate)


def add_rate(company: Company, currency: str, day: str, rate: str) -> None:
    """Add a dated rate: what 100 units are worth in the accounting currency from that day on."""
    company.insert(
        "ExchangeRate",
        {
            **EXCHANGE_RATE.blank(),
            "FromCurrencyCode": currency,
            "ToCurrencyCode": company.setup.base,
            "ValidFrom": day,
            "ExchangeRate": rate,
        },
    )
