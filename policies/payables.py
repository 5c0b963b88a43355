"""What the decisions about bills and expenses have in common: one payable stands for each."""

from __future__ import annotations

from documents.key import Key
from documents.plan import Outcome, Plan, Step, StepName
from documents.posting import PostingState
from policies.facts import Record

IN_LEDGER = "it is in the target's ledger already, and is taken over before anything else"


def waits_in_target(record: Record, key: Key, fingerprint: str) -> bool:
    """Created as it is now, and a clerk or batch job of the target posts it when they do."""
    return record.state(key) is PostingState.CREATED and record.row.fingerprint == fingerprint


def adoption(record: Record, key: Key, name: StepName) -> Step:
    """What people posted by hand stands for the document: nothing of ours is posted beside it."""
    decision, kept = record.row.decision, record.postings.get(key.text())
    number = kept.number if kept and kept.number else decision.number if decision else ""
    why = f"{number} was posted by hand for it"
    return Step(name=name, key=key.text(), source_id=record.row.source_id, number=number, why=why)


def left_out(record: Record, key: Key, why: str) -> Plan:
    """Not to be in the books: what is not posted yet goes first, or is ruled out."""
    if not record.is_under_way(key):
        return Plan(outcome=Outcome.IGNORED, reason=why)
    source_id = record.row.source_id
    step = Step(name=StepName.DISCARD_DRAFT, key=key.text(), source_id=source_id, why=why)
    return Plan.doing(why, step)


def reversal(record: Record, key: Key, name: StepName, why: str) -> Plan:
    """What stands for the document is taken back, under a key of its own."""
    step = Step(
        name=name,
        key=key.of_kind(key.kind.reversal).text(),
        target_key=key.text(),
        source_id=record.row.source_id,
        why=why,
    )
    return Plan.doing(why, step)
