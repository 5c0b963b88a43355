"""One NAV company: its pages, its codeunit, and what is read of it once per process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from connectors.errors import Misconfigured
from connectors.nav.errors import SYSTEM
from connectors.nav.metadata import Model, PageType, parse_metadata
from connectors.nav.odata import Entity, ODataClient
from connectors.nav.schema import services, target_schema
from connectors.nav.settings import NavSettings
from connectors.nav.signin import sign_in
from connectors.nav.soap import CodeunitClient
from connectors.transport import Transport
from documents.record import FieldValue
from documents.schema import EntitySchema, TargetSchema

_ISO = re.compile(r"[A-Z]{3}")


class Company:
    """The clients of one company and its descriptions, cached until `refresh`."""

    def __init__(self, settings: NavSettings, odata: Transport, soap: Transport) -> None:
        self.settings = settings
        auth = sign_in(settings)
        self.odata = ODataClient(odata, settings, auth)
        self.codeunit = CodeunitClient(soap, settings, auth)
        self._model: Model | None = None
        self._schema: TargetSchema | None = None
        self._local_currency = settings.local_currency or ""
        self._set_up: dict[str, list[Entity]] = {}
        self._lock = asyncio.Lock()

    async def model(self) -> Model:
        """The published pages."""
        async with self._lock:
            if self._model is None:
                self._model = parse_metadata(await self.odata.metadata())
            return self._model

    async def schema(self) -> TargetSchema:
        """What a mapping may write. Raises Misconfigured for a page that is not published."""
        if self._schema is None:
            self._schema = target_schema(await self.model(), self.settings)
        return self._schema

    async def refresh(self) -> None:
        """Forget what was read: pages may have been published or changed since."""
        async with self._lock:
            self._model = None
            self._schema = None
            self._local_currency = self.settings.local_currency or ""
            self._set_up.clear()
            self.codeunit.forget()

    async def entity(self, name: str) -> tuple[EntitySchema, PageType, str]:
        """Schema, page type and service name of an entity that a mapping names."""
        schema = await self.schema()
        service, lines = services(self.settings)[name.removesuffix(".line")]
        if name not in schema.entities:
            raise Misconfigured(
                SYSTEM, "read metadata", f"NAV does not publish {service}, which {name} needs"
            )
        model = await self.model()
        if name.endswith(".line"):
            return schema.entities[name], model.part(service, lines), lines
        return schema.entities[name], model.page(service), service

    async def iso_currency(self, code: str) -> str:
        """The ISO code of NAV's currency code, blank being the local currency. Misconfigured for
        a code that is none and that nobody told us the meaning of."""
        if not code.strip():
            return await self.local_currency()
        iso = {nav.upper(): iso for iso, nav in self.settings.currencies.items()}
        found = iso.get(code.upper(), code.upper())
        if not _ISO.fullmatch(found):
            raise Misconfigured(
                SYSTEM,
                "read a currency",
                f"NAV has the currency {code}, which is no ISO code: say which one it is in "
                f"target.currencies of the connection, as in {{EUR: {code}}}",
            )
        return found

    async def nav_currency(self, iso: str) -> str:
        """NAV's code of an ISO currency: blank for the local currency."""
        if iso == await self.local_currency():
            return ""
        return self.settings.currencies.get(iso, iso)

    async def in_nav_currency(self, values: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        """A record's fields with an ISO currency replaced by NAV's code, blank for local."""
        found = values.get("Currency_Code")
        if not isinstance(found, str) or not found:
            return dict(values)
        return {**values, "Currency_Code": await self.nav_currency(found)}

    async def local_currency(self) -> str:
        """The ISO code of the company's local currency, from General Ledger Setup."""
        if not self._local_currency:
            self._local_currency = await self._read_local_currency()
        return self._local_currency

    async def global_dimensions(self) -> tuple[str, str]:
        """The codes of the two dimensions that have fields of their own; blank where unknown."""
        rows = await self.set_up(self.settings.services.general_ledger_setup)
        names = ("Global_Dimension_1_Code", "Global_Dimension_2_Code")
        first, second = (rows[0].text(name) if rows else "" for name in names)
        return first, second

    async def set_up(self, service: str) -> list[Entity]:
        """All rows of a small table of the set-up; none where its page is not published."""
        if service not in self._set_up:
            known = (await self.model()).publishes(service)
            operation = f"read {service}"
            found = await self.odata.find(service, operation=operation) if known else []
            self._set_up[service] = found
        return self._set_up[service]

    async def _read_local_currency(self) -> str:
        service = self.settings.services.general_ledger_setup
        (await self.model()).require(service, "LCY_Code")
        found = await self.odata.find(service, operation="read general ledger setup")
        code = found[0].text("LCY_Code").strip().upper() if found else ""
        if not code:
            raise Misconfigured(
                SYSTEM,
                "read general ledger setup",
                "NAV's General Ledger Setup names no local currency; fill LCY Code there or set "
                "local_currency of the connection",
            )
        iso = {nav.upper(): iso for iso, nav in self.settings.currencies.items()}
        return iso.get(code, code)
