"""What fits into a history: Temporal takes no answer of a step above two megabytes."""

from __future__ import annotations

from pydantic import BaseModel
from temporalio.converter import DataConverter

from documents.hold import Hold, HoldClass, HoldRequired

MOST = 2_000_000
"""Bytes of one payload, as it is sent: a little less than Temporal takes, because what is asked of
the next step holds the document and more."""


async def refuse_oversized(answer: object, converter: DataConverter) -> None:
    """HoldRequired for an answer that Temporal would not take: the step would be tried again for
    ever, and nobody be told. Only what is long in clear is compressed and encrypted to know."""
    if not isinstance(answer, BaseModel) or len(answer.model_dump_json()) <= MOST:
        return
    size = sum(payload.ByteSize() for payload in await converter.encode([answer]))
    if size > MOST:
        raise HoldRequired(_too_large(size))


def _too_large(size: int) -> Hold:
    return Hold(
        cause="document-too-large",
        hold_class=HoldClass.DATA,
        reason=f"The document has {size:,} bytes, more than the {MOST:,} that are carried at once.",
        remedy="Split it at the source, or enter it in the target by hand and skip it.",
    )
