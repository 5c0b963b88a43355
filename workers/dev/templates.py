"""The connections of an embedded house. Each has a FreshBooks account of its own as its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workers.refusal import Refusal

NAV_INSTANCE = "DynamicsNAV110"
AX_DOMAIN = "CONTOSO"


@dataclass(frozen=True)
class Template:
    """A connection: its name, the tag of its keys, the system it posts in, the company there, its
    mapping, whether that makes sales orders of invoices, what is done with edits of posted
    documents, and how many seconds a call may take."""

    name: str
    tag: str
    target: str
    company: str
    mapping: str
    orders: bool = False
    edits: Literal["hold", "reverse and repost"] = "hold"
    timeout: float = 10.0

    @property
    def late_fees(self) -> Literal["hold", "supplementary invoice"]:
        """Whoever leaves edits to people leaves late fees to them too."""
        return "hold" if self.edits == "hold" else "supplementary invoice"


TEMPLATES = (
    Template("demo-nav", "DNAV", "nav", "CRONUS International Ltd.", "freshbooks-nav.yaml"),
    Template("demo-ax", "DAX", "ax", "USMF", "freshbooks-ax.yaml"),
)

ORDERS = (
    Template("demo-nav-orders", "DNSO", "nav", "ORDERS", "freshbooks-nav-orders.yaml", orders=True),
    Template("demo-ax-orders", "DXSO", "ax", "ORDX", "freshbooks-ax-orders.yaml", orders=True),
)
"""Beside the demo's, two whose invoices become sales orders."""

MOST_LANES = 32
_IMPATIENT = 2.5


def with_lanes(
    count: int, in_ax: int = 0, *, repost: bool = False, orders: bool = False
) -> tuple[Template, ...]:
    """The connections, with those of sales orders if wanted, and as many lanes beside them, each a
    business of its own: for proofs and measurements that run side by side without meeting. They
    post in NAV, every second one (with `repost` each) posts edits again; at most one more posts in
    AX, whose companies are all called at the same addresses and could not be told apart by who
    plans a fault.

    Raises Refusal for an impossible number.
    """
    if not 0 <= count <= MOST_LANES:
        raise Refusal(f"--lanes {count} is impossible: it must be between 0 and {MOST_LANES}")
    if not 0 <= in_ax <= len(_AX_LANES):
        raise Refusal(f"--ax-lanes {in_ax} is impossible: it must be 0 or {len(_AX_LANES)}")
    lanes = [_nav_lane(number, repost=repost or number % 2 == 0) for number in range(1, count + 1)]
    return (*TEMPLATES, *(ORDERS if orders else ()), *lanes, *_AX_LANES[:in_ax])


def _nav_lane(number: int, *, repost: bool) -> Template:
    return Template(
        name=f"lane-{number}",
        tag=f"L{number}",
        target="nav",
        company=f"LANE-{number}",
        mapping="freshbooks-nav.yaml",
        edits="reverse and repost" if repost else "hold",
        timeout=_IMPATIENT,
    )


_AX_LANES = (
    Template(
        name="lane-ax",
        tag="LAX",
        target="ax",
        company="LANX",
        mapping="freshbooks-ax.yaml",
        edits="reverse and repost",
        timeout=_IMPATIENT,
    ),
)
