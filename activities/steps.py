"""What the steps of every kind of document do in the same way: read its row, and write down what
became of its posting."""

from __future__ import annotations

from dataclasses import dataclass

from activities import rows
from activities.context import Connection, Workplace
from activities.figures import is_in_ledger
from activities.posting import Poster
from activities.signatures import DocumentRef, StepResult
from documents.key import Key, Kind
from documents.posting import Posting
from documents.row import DocumentRow


@dataclass(frozen=True)
class DocumentSteps:
    """The base of the steps that a worker registers, for all its connections."""

    place: Workplace

    def _connection(self, document: DocumentRef) -> Connection:
        return self.place.connection(document.connection)

    def _poster(self, document: DocumentRef) -> Poster:
        return Poster(self._connection(document), self.place.store, self.place.now)

    async def _row(
        self, document: DocumentRef, kind: Kind | None = None, source_id: str = ""
    ) -> DocumentRow:
        """The row of the document, or of another one of its connection. LookupError for one that
        was never looked at: every step comes after a look."""
        row = await self.place.store.documents.get(
            document.connection, kind or document.kind, source_id or document.source_id
        )
        if row is None:
            raise LookupError("the document has no row: it was never looked at")
        return row

    async def _made_of(self, key: Key, present: str) -> str:
        """The fingerprint of what stands in the target: of the record that was kept, which is
        older than the present source when it got there before we knew."""
        kept = await self.place.store.postings.get(key.text())
        return (kept.record.made_of if kept and kept.record else "") or present

    async def _write_posting(
        self, row: DocumentRow, key: Key, posting: Posting, made_of: str
    ) -> DocumentRow:
        """The document with what stands in the target: the amount of what was kept, however old,
        not what the source says by now."""
        store = self.place.store
        kept = await store.postings.get(key.text())
        stands = (kept and kept.stated) or (posting.figures and posting.figures.total)
        row = row.model_copy(update={"amount": stands or row.amount})
        if not is_in_ledger(posting):
            return await store.documents.save(rows.created(row, posting, made_of))
        row = await self._over_all(rows.converted(rows.posted(row, key, posting, made_of), kept))
        return await self._with_reference(await store.documents.save(row))

    async def _over_all(self, row: DocumentRow) -> DocumentRow:
        """The row of what was posted over everything that stands for its document."""
        return row

    async def _with_reference(self, row: DocumentRow) -> DocumentRow:
        await self.place.store.references.put(
            row.connection, row.kind, row.source_id, row.source_number, row.target_number
        )
        return row

    async def _taken_back(
        self, posting: Posting, original: Key, document: DocumentRef, kind: Kind | None = None
    ) -> StepResult:
        """The answer of a step that reversed a posting: once the reversal is in the ledger, the
        document may be posted anew. `kind` is that of another document than the step's own."""
        if is_in_ledger(posting):
            row = await self._row(document, kind, original.source_id if kind else "")
            await self.place.store.documents.save(rows.reversed_once_more(row, original))
        return result("reversed", posting)


def result(how: str, posting: Posting, *, settled: bool = False) -> StepResult:
    """The answer of a step that leaves a posting in the target."""
    return StepResult(
        how=how,
        number=posting.number or "",
        figures=posting.figures,
        settled=settled,
        posted=is_in_ledger(posting),
    )
