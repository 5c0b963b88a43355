"""Search attributes: few, generic, typed, and never personal. Values are stored in clear."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey

from documents.naming import CONNECTION_ATTRIBUTE

CONNECTION = SearchAttributeKey.for_keyword(CONNECTION_ATTRIBUTE)
STAGE = SearchAttributeKey.for_keyword("TieoutStage")
DOCUMENT = SearchAttributeKey.for_keyword("TieoutDocument")
TARGET = SearchAttributeKey.for_keyword("TieoutTarget")
HOLD_CAUSE = SearchAttributeKey.for_keyword("TieoutHoldCause")
HOLD_CLASS = SearchAttributeKey.for_keyword("TieoutHoldClass")

KEYS = (CONNECTION, STAGE, DOCUMENT, TARGET, HOLD_CAUSE, HOLD_CLASS)
SEARCH_ATTRIBUTES = {key.name: "Keyword" for key in KEYS}
"""Name to type, for whoever registers them (dev server, compose, tests)."""
