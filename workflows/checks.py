"""The sums of both sides, put beside each other, and what is noted of a run."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from activities.reconciling import Begun, LookedAgain, Sums
from documents.tieout import Check


def checks_of(
    credit: Sums, unapplied: Sums, subledger: Sums | None, accounts: Iterable[Sums] | None
) -> tuple[Check, ...]:
    """The clients' credit against unapplied cash, in each currency; the subledger against its
    control accounts, in base currency, where the accounts are configured."""
    found = _beside(
        "credit and unapplied cash", "credit of clients", "unapplied cash", credit, unapplied
    )
    found = [check.model_copy(update={"is_of_today": True}) for check in found]
    if subledger is not None and accounts is not None:
        control = _added(accounts)
        found += _beside(
            "subledger and control account",
            "customer ledger, movements",
            "control accounts, movements",
            subledger,
            control,
        )
    return tuple(found)


def _beside(name: str, left_name: str, right_name: str, left: Sums, right: Sums) -> list[Check]:
    currencies = sorted({*(left.sums or {}), *(right.sums or {})})
    return [
        Check(
            name=name,
            currency=currency,
            left_name=left_name,
            right_name=right_name,
            left=_of(left, currency),
            right=_of(right, currency),
            note="; ".join(filter(None, (left.note, right.note))),
        )
        for currency in currencies
    ]


def _of(sums: Sums, currency: str) -> Decimal | None:
    return None if sums.sums is None else Decimal(sums.sums.get(currency, "0"))


def _added(accounts: Iterable[Sums]) -> Sums:
    total: dict[str, Decimal] = {}
    for account in accounts:
        for currency, amount in (account.sums or {}).items():
            total[currency] = total.get(currency, Decimal(0)) + Decimal(amount)
    return Sums(sums={currency: f"{amount:f}" for currency, amount in total.items()})


def looked_at(begun: Begun, looked: LookedAgain) -> Begun:
    """The same run, which says when not everything was asked for once more, and where all is."""
    if not looked.most:
        return begun
    told = (
        f"only the first {looked.most:,} documents with a break were looked at again, "
        "tieout tie-out export has all of them"
    )
    return begun.model_copy(update={"note": "; ".join(filter(None, (begun.note, told)))})
