"""Where NAV installations differ; the defaults are a NAV 2018 with a web service key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class NavProfile:
    """How this instance is set up.

    `service_names` maps default page names to published ones, "" takes a page off. A stale entity
    tag is answered with `stale_status` (409 or 412; which of them is real could not be confirmed).
    `flow_tags` makes tags change with calculated fields, as page services do. `journal_filter`
    opens journal pages on their first template and batch only, as old versions did.
    """

    authentication: Literal["basic", "ntlm"] = "basic"
    service_names: Mapping[str, str] = field(default_factory=dict)
    codeunit_name: str = "TieoutPosting"
    odata_enabled: bool = True
    soap_enabled: bool = True
    page_size: int = 20_000
    stale_status: Literal[409, 412] = 409
    flow_tags: bool = False
    journal_filter: bool = False
