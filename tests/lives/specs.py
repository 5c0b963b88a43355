"""The demo's mapping for NAV with parts of it changed, as a company would change its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.mapping.specs import NAV_SPEC


def variant(folder: Path, changes: dict[str, Any]) -> Path:
    """A spec of its own in a folder; `changes` replaces whole sections, None removes one."""
    place = folder / "mappings"
    if not place.exists():
        shutil.copytree(NAV_SPEC.parent, place)
    yaml = YAML(typ="safe", pure=True)
    spec: dict[str, Any] = yaml.load(NAV_SPEC.read_text(encoding="utf-8"))
    for section, content in changes.items():
        if content is None:
            spec.pop(section)
        else:
            spec[section] = content
    path = place / f"variant-{len(list(place.iterdir()))}.yaml"
    # JSON is YAML, and quotes every text that must stay one.
    path.write_text(json.dumps(spec, default=str), encoding="utf-8")
    return path


CODES: dict[str, Any] = {
    "untaxed": {"value": "NOVAT"},
    "zero_code": "NOVAT",
    "rows": [
        {"taxes": [{"name": "HST", "percent": "13"}], "code": "VAT13"},
        {"taxes": [{"name": "GST", "percent": "5"}], "code": "VAT5"},
        {"taxes": [{"name": "VAT", "percent": "20"}], "code": "VAT20"},
        {"taxes": [{"name": "VAT", "percent": "0"}], "code": "ZERO"},
        {"taxes": [{"name": "Exempt", "percent": "0"}], "code": "EXEMPT"},
        {"taxes": [{"name": "Outside", "percent": "0"}], "code": "OUTSIDE"},
        {
            "taxes": [
                {"name": "GST", "percent": "5"},
                {"name": "PST", "percent": "7", "compound": None},
            ],
            "line": {"account": "2200"},
        },
    ],
}
"""NAV computes single taxes from its own set-up; GST with PST has a line with our amounts."""

COMPUTED: dict[str, Any] = {
    **CODES,
    "rows": [
        *CODES["rows"],
        {"taxes": [{"name": "Zero", "percent": "0"}], "code": "ZERO"},
        {"taxes": "*", "line": {"account": "2200"}},
    ],
}
"""The same for whatever people charge."""
