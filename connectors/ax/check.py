"""What a connection lacks in AX, in sentences for its administrator."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.ax.aif import Criterion, DocumentPort
from connectors.ax.client import AxClient, missing_operation
from connectors.ax.custom import OPERATIONS, POSTS, CustomService
from connectors.ax.keyfields import key_fields
from connectors.ax.ledger import POSTED_FIELDS, TRANSACTION_FIELDS
from connectors.ax.listing import needs_of
from connectors.ax.models import Node
from connectors.ax.paths import source_of, steps
from connectors.ax.privileges import missing_privileges, told
from connectors.ax.records import no_port, settings_key_field
from connectors.ax.settings import (
    DOCUMENTS,
    GENERAL_JOURNAL,
    JOURNALS_NEED_THE_SERVICE,
    SALES_ORDER,
)
from connectors.ax.taxes import UNTOLD_TAXES
from connectors.errors import ConnectorError
from documents.key import Kind

_NOBODY = "TIEOUT-CHECK"
_Need = tuple[str, tuple[str, ...], tuple[str, ...]]
"""A port, the operations that it must offer, and the fields that its document must have."""


class Checker:
    """Looks at every port of the settings: that it is there, what it offers, which fields it
    has; then asks what changes nothing, which shows a wrong company or a missing privilege."""

    def __init__(self, client: AxClient, custom: CustomService) -> None:
        self._client = client
        self._settings = client.settings
        self._custom = custom

    async def problems(self) -> list[str]:
        """Everything that is missing; empty when the connection can work. Unauthorized when the
        user is refused."""
        found = key_fields(self._settings)
        for port, operations, fields in self._needs():
            found += await self._port(port, operations, fields)
        if self._custom.exists:
            found += await self._operations(self._settings.ports.custom_service, self._services())
            found += await self._untold_taxes() if not found else []
            found += await self._dimensions() if not found else []
        elif self._settings.port(GENERAL_JOURNAL):
            found.append(JOURNALS_NEED_THE_SERVICE)
        return list(dict.fromkeys(found)) or await self._question()

    def _needs(self) -> Iterator[_Need]:
        settings, fields = self._settings, self._settings.fields
        yield (
            settings.ports.customer,
            ("create", "find", "read", "update"),
            (
                fields.customer_key,
                fields.customer_number,
                fields.customer_name,
                fields.customer_email,
            ),
        )
        yield from map(self._document, self._entities())
        for name, (operations, wanted) in needs_of(fields).items():
            # A site without these two works all the same; only its tie-out does not.
            if port := getattr(settings.ports, name):
                yield port, operations, wanted
        if not self._custom.exists:
            yield from self._posted()

    def _document(self, entity: str) -> _Need:
        # An order that repeats one becomes a journal order: that must be seen.
        finds = ("find",) if entity == SALES_ORDER else ()
        lines = filter(None, [self._settings.lines.get(entity, "")])
        key = settings_key_field(self._settings, entity)
        return self._settings.port(entity), ("create", *finds), (key, *lines)

    def _posted(self) -> Iterator[_Need]:
        ports, fields = self._settings.ports, self._settings.fields
        yield ports.posted_invoice, ("find",), (fields.posted_invoice_key, *POSTED_FIELDS)
        transaction = (fields.posted_payment_key, *TRANSACTION_FIELDS)
        yield ports.customer_transaction, ("find",), transaction

    def _entities(self) -> list[str]:
        """What every connection makes, and what else it has named a port for."""
        settings = self._settings
        named = [entity for entity in DOCUMENTS if settings.port(entity)]
        always = (settings.entity(kind) for kind in (Kind.INVOICE, Kind.PAYMENT))
        return list(dict.fromkeys(entity for entity in (*always, *named) if entity))

    def _services(self) -> tuple[str, ...]:
        if self._settings.posting == "operator":
            return OPERATIONS
        return (*OPERATIONS, *(POSTS[entity] for entity in self._entities()))

    async def _port(
        self, port: str, operations: tuple[str, ...], fields: tuple[str, ...]
    ) -> list[str]:
        if not port:
            return [no_port("a document that it makes or reads")]
        found = await self._operations(port, operations)
        try:
            _, root = await DocumentPort(self._client, port).root()
        except ConnectorError as error:
            return found or [told(port, error)]
        missing = [path for path in fields if not _has(root, path)]
        return found + [
            f"the document of the inbound port {port} has no field {path}; enable it in the "
            "port's data policy, or name another in the connection's fields"
            for path in missing
        ]

    async def _operations(self, port: str, wanted: tuple[str, ...]) -> list[str]:
        try:
            offered = (await self._client.service(port)).operations
        except ConnectorError as error:
            return [told(port, error)]
        return [missing_operation(port, name) for name in wanted if name not in offered]

    async def _untold_taxes(self) -> list[str]:
        told = not self._settings.tax_by_code or await self._custom.tells_taxes()
        return [] if told else [UNTOLD_TAXES]

    async def _dimensions(self) -> list[str]:
        if not await self._client.offers(self._settings.ports.custom_service, "getSetup"):
            return []
        try:
            known = set(await self._custom.setup("Dimension"))
        except ConnectorError as error:
            return [told(self._settings.ports.custom_service, error)]
        return [
            f"AX has no financial dimension {name}; correct the connection's dimensions"
            for name in self._settings.dimensions
            if name not in known
        ]

    async def _question(self) -> list[str]:
        """Harmless questions to every port, which its privileges answer."""
        ports, fields = self._settings.ports, self._settings.fields
        asked = {ports.customer: fields.customer_key}
        if not self._custom.exists:
            asked[ports.posted_invoice] = fields.posted_invoice_key
            asked[ports.customer_transaction] = fields.posted_payment_key
        answers = [await self._ask(port, path) for port, path in asked.items()]
        for port, operations, _ in self._needs() if self._settings.ask_privileges else ():
            answers += await missing_privileges(self._client, port, operations)
        if self._custom.exists:
            answers.append(await self._ask_service())
        return list(dict.fromkeys(filter(None, answers)))

    async def _ask(self, name: str, path: str) -> str:
        port = DocumentPort(self._client, name)
        try:
            _, root = await port.root()
            source, field = source_of(path, root.name)
            await port.find(Criterion(source, field, _NOBODY))
        except ConnectorError as error:
            return told(name, error)
        return ""

    async def _ask_service(self) -> str:
        name = self._settings.ports.custom_service
        try:
            await self._client.call(name, "findByKey", {"_key": _NOBODY}, writes=False)
        except ConnectorError as error:
            return told(name, error)
        return ""


def _has(root: Node, path: str) -> bool:
    node: Node | None = root
    for step in steps(path):
        node = node.shape.nodes.get(step.name) if node and node.shape else None
    return node is not None and bool(steps(path))
