"""The FreshBooks stand-in put together."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clock import Clock
from sandbox.freshbooks import others
from sandbox.freshbooks.accounting import Accounting
from sandbox.freshbooks.books import KEPT, Books
from sandbox.freshbooks.business import Business
from sandbox.freshbooks.callbacks import Callbacks
from sandbox.freshbooks.clients import Clients
from sandbox.freshbooks.credits import CreditNotes
from sandbox.freshbooks.delivery import Postman
from sandbox.freshbooks.errors import planned, respond
from sandbox.freshbooks.expenses import Categories, Expenses, Staffs
from sandbox.freshbooks.gate import Gate
from sandbox.freshbooks.invoices import Invoices
from sandbox.freshbooks.journal import journal
from sandbox.freshbooks.kind import Kind
from sandbox.freshbooks.oauth import OAuth
from sandbox.freshbooks.payments import Payments
from sandbox.freshbooks.tokens import Tokens
from sandbox.freshbooks.uploads import Uploads
from sandbox.settings import FreshBooksSettings
from sandbox.storage import Storage
from sandbox.system import JournalRow, NotOfferedError, OperatorSettings, WebhookSettings


class FreshBooks:
    """The stand-in for api.freshbooks.com and auth.freshbooks.com on one port."""

    name = "freshbooks"

    def __init__(self, settings: FreshBooksSettings, storage: Storage, clock: Clock) -> None:
        self.books = Books(settings, storage, clock)
        self._kinds = self._make_kinds()
        tokens = Tokens(settings, storage, clock)
        self._gate = Gate(settings.accounts, tokens)
        self._business = Business(self._gate, self.books)
        self._seed()
        self._postman = Postman(self.books, self.callbacks)
        accounting = Accounting(self._gate, self._kinds, settings.hidden_rows)
        self.app = Starlette(
            routes=[
                *accounting.routes(),
                *OAuth(self._gate, tokens).routes(),
                *self._business.routes(),
                *Uploads(self._gate, self.books).routes(),
            ],
            exception_handlers={404: _unrouted, 405: _unrouted},
        )

    def journal(self) -> list[JournalRow]:
        """Clients, invoices, credit notes, payments and expenses, after proving the books."""
        self.books.ledger.check()
        return journal(self.clients, self.invoices, self.credit_notes, self.payments, self.expenses)

    def operator(self, settings: OperatorSettings) -> None:
        """Always refused: nobody posts in FreshBooks."""
        raise NotOfferedError("freshbooks has no operator, it is the source")

    def webhooks(self, settings: WebhookSettings) -> None:
        """Change how deliveries from now on misbehave."""
        self.books.outbox.misbehave(settings)

    def reset(self) -> None:
        """Empty the books; tokens, callbacks, categories and staff stay."""
        self._postman.forget()
        self.books.storage.clear(KEPT | {"outbox"})
        for kind in self._kinds:
            kind.clear()

    def error(self, status: int, request: Request) -> Response:
        """A bare status as the family of the URL would put it."""
        return respond(planned(status), request)

    async def start(self) -> None:
        """Begin to deliver webhooks, with those left from before."""
        await self._postman.start()

    async def stop(self) -> None:
        """End deliveries; what is undelivered is kept."""
        await self._postman.stop()

    def _make_kinds(self) -> list[Kind]:
        books = self.books
        self.clients = Clients(books)
        self.invoices = Invoices(books, self.clients)
        self.credit_notes = CreditNotes(books, self.clients)
        self.payments = Payments(books, self.invoices, self.credit_notes)
        self.clients.invoices = self.invoices
        self.categories, self.staffs = Categories(books), Staffs(books)
        self.expenses = Expenses(books, self.categories, self.invoices)
        self.callbacks = Callbacks(books)
        vendors = others.BillVendors(books)
        bills = others.Bills(books, vendors)
        plain = (others.Items, others.Taxes, others.Tasks, others.Estimates, others.Gateways)
        more = (others.InvoiceProfiles, others.OtherIncome)
        return [
            *(self.clients, self.invoices, self.credit_notes, self.payments, self.expenses),
            *(self.categories, self.staffs, self.callbacks),
            *(vendors, bills, others.BillPayments(books, bills)),
            *(kind(books) for kind in (*plain, *more)),
        ]

    def _seed(self) -> None:
        with self.books.storage.transaction():
            for account in self.books.settings.accounts:
                self.categories.seed(account.account_id)
                self.staffs.seed(account)


async def _unrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error_type": "not_found", "message": error.detail}, error.status_code)


def build(settings: FreshBooksSettings, storage: Storage, clock: Clock) -> FreshBooks:
    """The stand-in over its own storage."""
    return FreshBooks(settings, storage, clock)
