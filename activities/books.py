"""Which books of both sides a tie-out reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from temporalio.exceptions import ApplicationError

from activities.context import Connection
from connectors.errors import Misconfigured
from connectors.listings import LINKED, Scope, SourceLedger, TargetLedger
from documents.ledger import LedgerLine
from documents.listings import listing_of

EXPENSES, CUSTOMERS = "expense", "customer"
BILLS = ("bill", "bill_payment")


def source_ledger(connection: Connection) -> SourceLedger:
    """The books of the source. Misconfigured for a source whose books cannot be listed."""
    ledger = getattr(connection.source, "ledger", None)
    if not isinstance(ledger, SourceLedger):
        raise Misconfigured(connection.source.system, "tie out", "it does not list its books")
    return ledger


def target_ledger(connection: Connection) -> TargetLedger:
    """The books of the target. Misconfigured for a target whose books cannot be listed."""
    ledger = getattr(connection.target, "ledger", None)
    if not isinstance(ledger, TargetLedger):
        raise Misconfigured(connection.target.system, "tie out", "it does not list its books")
    return ledger


def scope_of(connection: Connection) -> Scope:
    """What of the target's books belongs to a connection."""
    people = connection.expenses.people if connection.expenses else ()
    return Scope(
        tag=connection.tag,
        groups=connection.tie_out.customer_groups,
        vendors=tuple(person.vendor for person in people if person.vendor),
        bills=connection.bills is not None,
    )


def source_listings(connection: Connection) -> tuple[str, ...]:
    """What is listed of the source: expenses and bills only where the connection has a policy for
    them."""
    found = source_ledger(connection).listings
    without = set() if connection.expenses else {EXPENSES}
    without |= set() if connection.bills else set(BILLS)
    without |= set() if connection.tie_out.compare_customers else {CUSTOMERS}
    return tuple(each for each in found if each not in without)


def target_listings(connection: Connection, kinds: Sequence[str]) -> tuple[str, ...]:
    """What is listed of the target, for a run of these kinds (none: of all)."""
    ledger, policy = target_ledger(connection), connection.expenses
    of_customers = not kinds or set(kinds) - {EXPENSES, CUSTOMERS, *BILLS}
    found = ledger.listings if of_customers else ()
    if connection.tie_out.compare_customers and (not kinds or CUSTOMERS in kinds):
        found = (*found, LINKED)
    claims = policy is not None and (not kinds or EXPENSES in kinds)
    bills = connection.bills is not None and (not kinds or bool(set(kinds) & set(BILLS)))
    if claims or bills:
        found = (*found, *ledger.expense_listings)
    if policy is not None and claims and policy.company_paid == "post":
        found = (*found, *ledger.cost_listings)
    return found


def of_kinds(lines: Sequence[LedgerLine], kinds: Collection[str]) -> list[LedgerLine]:
    """What a run is limited to, of either side: what is read of one only would be a break."""
    return [line for line in lines if not kinds or listing_of(line.match, line.kind) in kinds]


def check_kinds(kinds: Sequence[str], known: Sequence[str]) -> None:
    """A kind that is not listed fails for good: nothing would be read and everything tie."""
    if unknown := [kind for kind in kinds if kind not in known]:
        raise ApplicationError(
            f"there are no {', '.join(unknown)} to tie out; there is {', '.join(known)}",
            type="BadKinds",
            non_retryable=True,
        )
