"""The connections of an embedded house. Each has a FreshBooks account of its own as its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workers.refusal import Refusal

NAV_INSTANCE = "DynamicsNAV110"
AX_DOMAIN = "CONTOSO"


@dataclass(frozen=True)
class Template:
    """A connection: its name, the tag of its keys, the system it posts in, the company there,
    what is done with edits of posted documents, and how many seconds a call may take."""

    name: str
    tag: str
    target: str
    company: str
    mapping: str
    edits: Literal["hold", "reverse and repost"] = "hold"
    timeout: float = 10.0


TEMPLATES = (
    Template("demo-nav", "DNAV", "nav", "CRONUS International Ltd.", "freshbooks-nav.yaml"),
    Template("demo-ax", "DAX", "ax", "USMF", "freshbooks-ax.yaml"),
)

MOST_LANES = 32
_IMPATIENT = 2.5


def with_lanes(count: int) -> tuple[Template, ...]:
    """The connections with as many more beside them, each a business of its own: for proofs and
    measurements that run side by side without meeting. Every second one posts edits again; of
    several the last one posts in AX.

    Raises Refusal for an impossible number.
    """
    if not 0 <= count <= MOST_LANES:
        raise Refusal(f"--lanes {count} is impossible: it must be between 0 and {MOST_LANES}")
    in_nav = max(count - 1, min(count, 1))
    lanes = [_nav_lane(number) for number in range(1, in_nav + 1)]
    # One only: all companies of an AX are called at the same addresses, and could not be told
    # apart by who plans a fault.
    return (*TEMPLATES, *lanes, *([_AX_LANE] if count > in_nav else []))


def _nav_lane(number: int) -> Template:
    return Template(
        name=f"lane-{number}",
        tag=f"L{number}",
        target="nav",
        company=f"LANE-{number}",
        mapping="freshbooks-nav.yaml",
        edits="hold" if number % 2 else "reverse and repost",
        timeout=_IMPATIENT,
    )


_AX_LANE = Template(
    name="lane-ax",
    tag="LAX",
    target="ax",
    company="LANX",
    mapping="freshbooks-ax.yaml",
    edits="reverse and repost",
    timeout=_IMPATIENT,
)
