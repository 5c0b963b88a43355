"""Fields that carry our key: what is written on a document must be where a look-up reads it.

A key that no look-up can read is a document that is never found again.
"""

from __future__ import annotations

from connectors.ax.settings import (
    FREE_TEXT_INVOICE,
    GENERAL_JOURNAL,
    PAYMENT,
    SALES_ORDER,
    AxSettings,
    Fields,
)

_POSTED_AS = {"PurchOrderFormNum": "PurchaseOrder"}
"""Fields that AX names differently on the posted document; the others keep their name."""

_READ_AS = {
    FREE_TEXT_INVOICE: "posted_invoice_key",
    SALES_ORDER: "posted_invoice_key",
    PAYMENT: "posted_payment_key",
    GENERAL_JOURNAL: "posted_payment_key",
}


def key_fields(settings: AxSettings) -> list[str]:
    """Key fields of the settings by which nothing would be found, in sentences."""
    written = {entity: f"{entity}_key" for entity in _READ_AS if settings.port(entity)}
    if settings.ports.custom_service:
        names = dict.fromkeys((*written.values(), *(_READ_AS[entity] for entity in written)))
        return [problem for name in names for problem in _by_service(settings.fields, name)]
    return [
        f"the connection's field {name} is {path}, and posted documents are searched by "
        f"{_READ_AS[entity]}, which is {posted}: AX does not copy one to the other"
        for entity, name in written.items()
        if not _becomes(
            path := getattr(settings.fields, name),
            posted := getattr(settings.fields, _READ_AS[entity]),
        )
    ]


def _by_service(fields: Fields, name: str) -> list[str]:
    configured, known = getattr(fields, name), Fields.model_fields[name].default
    if configured == known:
        return []
    return [
        f"the custom service searches {known}, and the connection's field {name} is {configured}: "
        "documents would not be found again"
    ]


def _becomes(path: str, posted: str) -> bool:
    field = path.rpartition(".")[2]
    return _POSTED_AS.get(field, field) == posted
