"""A document from unsent to posted, whoever posts it."""

from __future__ import annotations

from connectors.ax.causes import CREATED_NOT_SHOWN
from connectors.ax.client import missing_operation
from connectors.ax.custom import CustomService
from connectors.ax.drafts import Drafts
from connectors.ax.errors import SYSTEM, rejected
from connectors.ax.ids import MessageIds
from connectors.ax.ledger import Ledger
from connectors.ax.postings import LEDGERED, absent
from connectors.ax.settings import SALES_ORDER, AxSettings
from connectors.ax.taxes import UNTOLD_TAXES, groups_of, taxes_of
from connectors.errors import Conflict, Misconfigured, OutcomeUnknown, after_write
from documents.key import Key
from documents.posting import UNPOSTED, Posting, PostingState
from documents.record import MappedRecord


class Documents:
    """Creates, finds, posts and removes documents by our key, through whatever the site has."""

    def __init__(
        self,
        settings: AxSettings,
        drafts: Drafts,
        ledger: Ledger,
        custom: CustomService,
        ids: MessageIds,
    ) -> None:
        self._settings = settings
        self._drafts = drafts
        self._ledger = ledger
        self._custom = custom
        self._ids = ids

    async def lookup(self, key: Key, entity: str) -> Posting:
        """What AX has for our key: unposted first, then posted."""
        if self._custom.exists:
            found = await self._custom.find(key)
            if found.state is not PostingState.ABSENT or entity != SALES_ORDER:
                return found
            # The custom service passes journal orders over: only the port shows them.
            return await self._drafts.find(key, entity) or found
        draft = await self._drafts.find(key, entity)
        if draft is not None:
            return draft
        return await self._ledger.lookup(key)

    async def create(self, key: Key, entity: str, record: MappedRecord) -> Posting:
        """The document of a record: found, or made; with the tax that AX computes for each code.

        One that is there with other lines or amounts gives way to the record where a service can
        delete it, and is held where none can. What is posted already is returned as it is.
        """
        has_codes = await self._has_codes(record)
        made = await self._made(key, entity, record)
        if not has_codes or made.state not in UNPOSTED:
            return made
        with after_write(SYSTEM, f"create {entity}", self._settings.settle_seconds):
            taxes = taxes_of(record, await self._custom.taxes(key))
        return made.model_copy(update={"taxes": taxes})

    async def _has_codes(self, record: MappedRecord) -> bool:
        """Whether AX's tax is compared code by code: asked before anything is written."""
        if not (self._settings.tax_by_code and self._custom.exists and groups_of(record)):
            return False
        if not await self._custom.tells_taxes():
            raise Misconfigured(SYSTEM, "compare taxes", UNTOLD_TAXES)
        return True

    async def _made(self, key: Key, entity: str, record: MappedRecord) -> Posting:
        found = await self.lookup(key, entity)
        if found.state is PostingState.REJECTED:
            # Whoever posts may be asked again: the refused document is still there.
            found = found.model_copy(update={"state": PostingState.CREATED})
        if found.state is PostingState.CREATED:
            if await self._agrees(key, entity, record, found):
                return found
            await self._replace(key, entity)
        elif found.state is not PostingState.ABSENT:
            return found
        await self._require_order_in_sight(entity)
        return await self._send(key, entity, record)

    async def post(self, key: Key, entity: str) -> Posting:
        """Post through the custom service, or look whether somebody has."""
        operation = f"post {entity}"
        by_service = self._settings.posting == "service"
        found = await (self._custom.post(key, entity) if by_service else self.lookup(key, entity))
        if found.state is PostingState.REJECTED:
            document = found.number or ""
            raise rejected(operation, "posting-refused", said=found.reason, document=document)
        if found.state is not PostingState.ABSENT:
            return found
        if await self.shows_drafts(entity):
            raise Conflict(SYSTEM, operation, "the unposted document went away")
        return absent(key).model_copy(update={"state": PostingState.CREATED})

    async def discard(self, key: Key, entity: str) -> None:
        """Remove the unposted document; nothing when there is none. Rejected when the site has
        no service that can delete it."""
        if await self._delete(key, entity):
            return
        found = await self.lookup(key, entity)
        gone = found.state is PostingState.ABSENT and await self.shows_drafts(entity)
        if not gone and found.state not in LEDGERED:
            raise rejected(
                f"discard {entity}", "discard-by-hand", key=key.text(), document=found.number or ""
            )

    async def _send(self, key: Key, entity: str, record: MappedRecord) -> Posting:
        shown = await self.shows_drafts(entity)
        while True:
            number, refused = await self._drafts.send(key, entity, record)
            if not (refused or shown):
                created = {"state": PostingState.CREATED, "number": number or None}
                return absent(key).model_copy(update=created)
            with after_write(SYSTEM, f"create {entity}", self._settings.settle_seconds):
                found = await self.lookup(key, entity)
            if found.state is not PostingState.ABSENT:
                return found
            if not refused:
                operation, text = f"create {entity}", key.text()
                raise rejected(operation, CREATED_NOT_SHOWN, key=text, document=number)
            if not (shown and self._ids.give_up(refused)):
                raise self._possibly_created(entity)

    async def _agrees(self, key: Key, entity: str, record: MappedRecord, found: Posting) -> bool:
        if found.figures is not None and found.figures == record.expected:
            return True
        seen = await self._drafts.agrees(key, entity, record)
        if seen is None:
            # Out of sight: only its totals can speak for it.
            return found.figures is None or record.expected is None
        return seen

    async def _replace(self, key: Key, entity: str) -> None:
        if not await self._delete(key, entity):
            raise rejected(f"create {entity}", "draft-differs", key=key.text())

    async def _delete(self, key: Key, entity: str) -> bool:
        """Delete the unposted document, if there is one; False when nothing here can."""
        if self._custom.exists:
            if await self._custom.discard(key):
                self._ids.removed(key)
            return True
        return await self._drafts.delete(key, entity)

    async def shows_drafts(self, entity: str) -> bool:
        """Whether documents of this kind can be seen before they are posted."""
        return self._custom.exists or await self._drafts.are_visible(entity)

    async def _require_order_in_sight(self, entity: str) -> None:
        """AX makes a journal order of a repeated one and calls it created: without `find` on the
        port nobody would notice."""
        if entity == SALES_ORDER and not await self._drafts.are_visible(entity):
            message = missing_operation(self._settings.port(entity), "find")
            raise Misconfigured(SYSTEM, f"create {entity}", message)

    def _possibly_created(self, entity: str) -> OutcomeUnknown:
        """Whoever asks again comes back while the send may still commit: then, past the patience
        of the process, the document is held in doubt and not sent once more."""
        return OutcomeUnknown(
            SYSTEM,
            f"create {entity}",
            "AX has seen this message before, and the document is not to be found",
            self._settings.settle_seconds / 2,
        )
