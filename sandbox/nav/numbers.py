"""Number series: where the numbers of customers and documents come from (codeunit 396)."""

from __future__ import annotations

import re

from sandbox.nav.company import Company
from sandbox.nav.errors import dialog
from sandbox.nav.schema import Row

_LONGEST = 20


def next_number(company: Company, series: str) -> str:
    """The next number of a series; raises NavError when the series is used up or blocked."""
    row = company["No. Series"].require(series)
    number = _following(row)
    if row["Blocked"] or not number:
        raise dialog(
            f"You cannot assign new numbers from the number series {series} on {company.today()}."
        )
    if row["Ending_No"] and _rank(number) > _rank(row["Ending_No"]):
        raise dialog(
            f"You cannot assign numbers greater than {row['Ending_No']} "
            f"from the number series {series}."
        )
    company["No. Series"].change(row, Last_No_Used=number, Last_Date_Used=company.today())
    return number


def check_manual(company: Company, series: str) -> None:
    """Raise NavError unless people may choose numbers of the series themselves."""
    if not company["No. Series"].require(series)["Manual_Nos"]:
        raise dialog(
            "You may not enter numbers manually. If you want to enter numbers manually, "
            f"please activate Manual Nos. in No. Series {series}."
        )


def _following(row: Row) -> str:
    if not row["Last_No_Used"]:
        return str(row["Starting_No"])
    return increased(row["Last_No_Used"], max(1, row["Increment_by_No"]))


def increased(number: str, by: int = 1) -> str:
    """The number with its last group of digits raised; raises NavError where there is none."""
    found = re.fullmatch(r"(.*?)(\d+)(\D*)", number)
    if found is None:
        raise dialog(f"The number {number} cannot be increased.")
    head, digits, tail = found.groups()
    following = f"{head}{int(digits) + by:0{len(digits)}d}{tail}"
    if len(following) > _LONGEST:
        raise dialog(f"The number {number} cannot be extended to more than {_LONGEST} characters.")
    return following


def _rank(number: str) -> tuple[int, str]:
    return len(number), number
