"""The pages that approvers see: plain HTML for a telephone or a desk, without scripts."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse, Response

from documents.claim import Shown, kind_of
from documents.key import Kind
from documents.review import ApprovalNeed
from workers.answers import ExpenseView

_STYLE = (
    "*{box-sizing:border-box}body{margin:0;background:#f5f7f9;color:#1d2733;font:16px/1.5 "
    'system-ui,-apple-system,"Segoe UI",Arial,sans-serif}'
    "main{max-width:960px;margin:0 auto;padding:24px 16px 48px}h1{font-size:24px;margin:0 0 16px}"
    ".panel{background:#fff;border:1px solid #d9dfe5;border-radius:8px;padding:8px 16px;"
    "margin:0 0 16px;overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th{text-align:left;color:#5b6875;font-weight:600;white-space:nowrap}"
    "th,td{padding:7px 16px 7px 0;vertical-align:top}tr+tr>*{border-top:1px solid #d9dfe5}"
    ".facts th{width:8em}.k{white-space:nowrap}"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    "textarea{width:100%;font:inherit;padding:8px;border:1px solid #d9dfe5;border-radius:8px}"
    "button{font:inherit;font-weight:600;padding:10px 28px;margin:0 8px 8px 0;cursor:pointer;"
    "border:1px solid #b3261e;border-radius:8px;background:#fff;color:#b3261e}"
    "button[value=approve]{border-color:#1f7a4d;background:#1f7a4d;color:#fff}"
)
STYLE_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""What a Content-Security-Policy names the style sheet by, so that no other counts."""

_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    "<style>{style}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
)
_FORM = (
    '<form method="post">{expenses}<p><label>Comment (a rejection needs one)<br>'
    '<textarea name="comment" rows="3" maxlength="1000"></textarea></label></p>'
    '<p><button name="answer" value="approve">Approve</button> '
    '<button name="answer" value="reject">Reject</button></p></form>'
)
_CLASSES = {"Amount": "n", "Tax": "n", "Date": "k"}


def page(status: int, title: str, text: str) -> Response:
    """A page that says one thing."""
    return _response(status, title, f"<p>{escape(text)}</p>")


def asking(view: ExpenseView, need: ApprovalNeed, who: str, token: str) -> Response:
    """What is asked of `who`: an expense, or a claim whose expenses can be rejected one by one."""
    is_claim = kind_of(view.source_id) is Kind.EXPENSE_CLAIM
    facts = {
        "Claim" if is_claim else "Expense": view.status.document_number,
        "Amount": view.status.amount,
        "Claimed by": need.claimant,
    }
    told = {name: escape(value) for name, value in facts.items()}
    if not is_claim:
        told |= {n: c for each in view.approval.shown for n, c in _cells(each, token).items() if c}
    told |= {"Level": f"{need.level} of {need.levels}", "You are": escape(who)}
    rows = "".join(f"<tr><th>{name}</th><td>{cell}</td></tr>" for name, cell in told.items())
    listed = _claimed(view.approval.shown, token) if is_claim else ""
    title = "A claim waits for you" if is_claim else "An expense waits for you"
    return _response(200, title, _panel(rows, "facts") + _FORM.format(expenses=listed))


def _cells(shown: Shown, token: str) -> dict[str, str]:
    """An expense, cell by cell; empty where there is nothing to say."""
    cells = {
        "Expense": shown.expense,
        "Date": str(shown.day),
        "Category": shown.category,
        "Vendor": shown.vendor,
        "Amount": str(shown.amount),
        "Tax": str(shown.tax),
        "Notes": shown.notes,
        "Found": "; ".join(shown.findings),
    }
    address = f"{escape(token)}/receipts/{escape(shown.expense)}"
    receipt = f'<a href="{address}" target="_blank">open</a>' if shown.receipt else "none"
    return {**{name: escape(text) for name, text in cells.items()}, "Receipt": receipt}


def _claimed(expenses: tuple[Shown, ...], token: str) -> str:
    rows = [_cells(each, token) | {"Reject": _box(each)} for each in expenses]
    head = "".join(f"<th{_class(name)}>{name}</th>" for name in (rows[0] if rows else ()))
    lines = ["".join(f"<td{_class(n)}>{c}</td>" for n, c in row.items()) for row in rows]
    return _panel(f"<tr>{head}</tr>" + "".join(f"<tr>{line}</tr>" for line in lines))


def _box(shown: Shown) -> str:
    value = escape(shown.expense)
    return f'<input type="checkbox" name="but" value="{value}" title="not this one">'


def _class(name: str) -> str:
    return f' class="{_CLASSES[name]}"' if name in _CLASSES else ""


def _panel(rows: str, kind: str = "") -> str:
    return f'<div class="panel"><table class="{kind}">{rows}</table></div>'


def _response(status: int, title: str, body: str) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), style=_STYLE, body=body), status)
