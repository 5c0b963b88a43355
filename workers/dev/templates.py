"""The connections of an embedded house. Each has a FreshBooks account of its own as its source."""

from __future__ import annotations

from dataclasses import dataclass

NAV_INSTANCE = "DynamicsNAV110"


@dataclass(frozen=True)
class Template:
    """A connection: its name, the tag of its keys, the system it posts in, the company there."""

    name: str
    tag: str
    target: str
    company: str
    mapping: str


TEMPLATES = (
    Template("demo-nav", "DNAV", "nav", "CRONUS International Ltd.", "freshbooks-nav.yaml"),
)
