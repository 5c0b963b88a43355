"""Lists on the wire: pages, filters, and rows that are not what was asked for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.errors import (
    Unavailable,
)
from connectors.freshbooks.adapter import FreshBooksSource
from connectors.freshbooks.families import (
    INVOICES,
    LEDGER_ACCOUNTS,
    PAYMENTS,
    PROJECTS,
)
from tests.connectors.test_freshbooks_client import answers, client, page, result


async def test_the_ledger_list_is_one_page_and_the_project_list_is_counted_in_meta() -> None:
    handler, seen = answers(
        {"data": [{"uuid": "u"}]},
        {"meta": {"page": 1, "pages": 2, "total": 3}, "projects": [{"id": 1}, {"id": 2}]},
        {"meta": {"page": 2, "pages": 2, "total": 3}, "projects": [{"id": 3}]},
    )
    fb = client(handler)
    assert [p async for p in fb.pages(LEDGER_ACCOUNTS)] == [[{"uuid": "u"}]]
    found = [p async for p in fb.pages(PROJECTS, search=(("complete", "false"),))]
    assert found == [[{"id": 1}, {"id": 2}], [{"id": 3}]]
    assert seen[1].url.params["complete"] == "false"


async def test_filters_are_bracketed_and_percent_encoded() -> None:
    handler, seen = answers(page([], 0, 0, 0))
    search = (("note_like", "a&b=c+d #1"), ("ids[]", "1"), ("ids[]", "2"))
    pages = client(handler).pages(INVOICES, search=search, include=("lines",), sort="updated_desc")
    assert [p async for p in pages] == [[]]
    assert seen[0].url.params.multi_items() == [
        ("search[note_like]", "a&b=c+d #1"),
        ("search[ids][]", "1"),
        ("search[ids][]", "2"),
        ("include[]", "lines"),
        ("sort", "updated_desc"),
        ("page", "1"),
        ("per_page", "100"),
    ]


async def test_a_list_ends_by_its_pages_and_not_by_its_total() -> None:
    handler, seen = answers(page([{"id": 1}, {"id": 2}], 1, 2, 99), page([{"id": 3}], 2, 2, 99))
    assert [p async for p in client(handler).pages(INVOICES)] == [
        [{"id": 1}, {"id": 2}],
        [{"id": 3}],
    ]
    assert [request.url.params["page"] for request in seen] == ["1", "2"]


async def test_rows_deleted_while_a_list_is_read_make_nobody_skipped() -> None:
    live = [{"id": n} for n in range(1, 8)]

    def handler(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["page"])
        if number == 2 and {"id": 1} in live:
            live.remove({"id": 1})
        rows = live[(number - 1) * 2 : number * 2]
        return httpx.Response(200, json=page(rows, number, -(-len(live) // 2), len(live)))

    pages = client(handler, per_page=2).pages(INVOICES)
    seen = {row["id"] async for rows in pages for row in rows}
    assert seen == {1, 2, 3, 4, 5, 6, 7}


async def test_a_list_without_a_page_count_is_not_taken_for_an_empty_one() -> None:
    handler, _ = answers(result(invoices=[]))
    with pytest.raises(Unavailable):
        [p async for p in client(handler).pages(INVOICES)]


async def test_payments_of_other_invoices_are_dropped_when_the_filter_is_ignored() -> None:
    def row(number: int, invoice: int, day: str, vis_state: int = 0) -> dict[str, Any]:
        return {
            "id": number,
            "invoiceid": invoice,
            "amount": {"amount": "1.00", "code": "USD"},
            "date": day,
            "vis_state": vis_state,
        }

    rows = [
        row(10, 7, "2026-02-02"),
        row(9, 7, "2026-02-02"),
        row(11, 7, "2026-02-01"),
        row(12, 8, "2026-02-01"),
        row(13, 7, "2026-02-01", vis_state=1),
    ]
    handler, seen = answers(result(payments=rows, page=1, pages=1, total=5))
    found = await FreshBooksSource(client(handler)).payments("7")
    assert [p.source_id for p in found] == ["11", "9", "10"]
    assert seen[0].url.params["search[invoiceid]"] == "7"
    assert seen[0].url.path.endswith(PAYMENTS.path)
