"""What a change of a document's row means for the audit journal."""

from __future__ import annotations

from documents.review import Verdict
from documents.row import Action, Decision, DocumentRow, DocumentState
from documents.tieout import Break
from store.entries import HOUSE, Fact

_TOLD = ("state", "amount", "generation", "target_number", "closed", "reversed_count")


def fact_of(before: DocumentRow | None, after: DocumentRow) -> Fact | None:
    """What is journalled of a saved row; None when nothing was decided about the document."""
    was, now = _shown(before) if before else {}, _shown(after)
    changed = [name for name in now if now[name] != was.get(name, "")]
    if before is not None and not changed:
        return None
    decision, verdict = _new_decision(before, after), _new_verdict(before, after)
    return Fact(
        connection=after.connection,
        kind=after.kind.value,
        source_id=after.source_id,
        number=after.source_number,
        target_number=after.target_number,
        what=f"answered: {verdict.answer.value}" if verdict else _what(before, after, decision),
        who=verdict.who if verdict else _who(decision),
        why=_why(decision) if decision else _reason(after, verdict),
        before={name: was[name] for name in changed if was.get(name)},
        after={name: now[name] for name in changed},
    )


def fact_of_break(found: Break, what: str, who: str = HOUSE, why: str = "") -> Fact:
    """What is journalled of a decision about a break, or of what was done for it."""
    kind, _, source_id = found.match.partition("/")
    return Fact(
        connection=found.connection,
        kind=kind or "break",
        source_id=source_id or found.entry,
        number=found.number,
        target_number=found.target_number,
        what=f"break {found.type.value}: {what}",
        who=who,
        why=why,
        after={"difference": f"{found.difference} {found.currency}"},
    )


def _shown(row: DocumentRow) -> dict[str, str]:
    """The row in words, without what changes for technical reasons only."""
    shown = {name: _text(getattr(row, name)) for name in _TOLD}
    shown["hold"] = row.hold.cause if row.hold else ""
    if row.decision:
        shown["decision"] = _decided(row.decision)
    if row.review.verdicts:
        shown["verdicts"] = "; ".join(_answered(each) for each in row.review.verdicts)
    return shown


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else str(value)


def _decided(decision: Decision) -> str:
    """What tells one decision from another; its values may be a client's, and are words."""
    parts = [decision.action.value, decision.at.isoformat(), decision.number]
    parts += ["approved"] if decision.approved_by else []
    return ", ".join(part for part in parts if part)


def _why(decision: Decision) -> str:
    values = [f"{name}={decision.values[name]}" for name in sorted(decision.values)]
    return "; ".join([decision.why, *values])


def _answered(verdict: Verdict) -> str:
    """Who answered what of which version, so that it is known when the history is gone."""
    what = f"{verdict.answer.value} by {verdict.who} at level {verdict.level}"
    return f"{what} of version {verdict.version}, {verdict.at.isoformat()}"


def _new_verdict(before: DocumentRow | None, after: DocumentRow) -> Verdict | None:
    """The answer of an approver that this change carries."""
    known = len(before.review.verdicts) if before else 0
    return next(iter(after.review.verdicts[known:]), None)


def _reason(after: DocumentRow, verdict: Verdict | None) -> str:
    if verdict and verdict.comment:
        return verdict.comment
    return after.hold.reason if after.hold else after.reason


def _new_decision(before: DocumentRow | None, after: DocumentRow) -> Decision | None:
    """The decision that this change carries out; None when it is an older one or there is none."""
    was = before.decision if before else None
    return after.decision if after.decision != was else None


def _who(decision: Decision | None) -> str:
    if decision is None:
        return HOUSE
    approved = f", approved by {decision.approved_by}" if decision.approved_by else ""
    alone = "" if decision.approved_by or decision.action not in _NEED_TWO else " (alone)"
    return f"{decision.who}{approved}{alone}"


_NEED_TWO = (Action.CORRECT, Action.ADOPT, Action.SKIP, Action.ABANDON)


def _what(before: DocumentRow | None, after: DocumentRow, decision: Decision | None) -> str:
    if decision:
        return f"decided: {decision.action.value}"
    if before is None:
        return "received" if after.state is DocumentState.IN_FLIGHT else after.state.value
    if after.reversed_count > before.reversed_count:
        return "reversed"
    if after.closed and not before.closed:
        return "closed"
    if after.target_number and after.target_number != before.target_number:
        return "posted"
    if after.state is not before.state:
        return {"in flight": "tried again"}.get(after.state.value, after.state.value)
    held_anew = after.hold and before.hold and after.hold.cause != before.hold.cause
    return "held" if held_anew else "changed"
