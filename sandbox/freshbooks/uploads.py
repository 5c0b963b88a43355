"""Uploads of receipts and images (freshbooks.md, section 5.12)."""

from __future__ import annotations

import base64
import secrets
import uuid

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.freshbooks.books import Books
from sandbox.freshbooks.errors import ApiError, not_found, required
from sandbox.freshbooks.gate import Gate, guarded

_KINDS = {"attachments": "attachment", "images": "image"}
_MEDIA = ("application/pdf", "image/")


class Uploads:
    """Files under the jwt with which other objects link them."""

    def __init__(self, gate: Gate, books: Books) -> None:
        self._gate = gate
        self._files = books.table("uploads")

    def routes(self) -> list[Route]:
        """Upload and download."""
        return [
            Route("/uploads/account/{account}/{kind}", guarded(self.upload), methods=["POST"]),
            Route("/uploads/{kind}/{jwt}", guarded(self.download)),
        ]

    async def upload(self, request: Request) -> Response:
        """Store the multipart field `content`. Not idempotent."""
        self._gate.account(request, "uploads")
        kind = _kind(request)
        async with request.form() as form:
            content = form.get("content")
            if not isinstance(content, UploadFile):
                raise required(kind, "content")
            data = await content.read()
            media = content.content_type or _guess(data)
            name = content.filename or "upload"
        if not media.startswith(_MEDIA):
            raise ApiError(1021, "Unsupported file type.", status=400, field="content")
        jwt = secrets.token_urlsafe(64)
        self._files[jwt] = {"media": media, "data": base64.b64encode(data).decode()}
        return JSONResponse(_answer(kind, name, media, jwt))

    async def download(self, request: Request) -> Response:
        """The file as it was uploaded."""
        self._gate.grant(request)
        row = self._files.get(request.path_params["jwt"])
        if row is None:
            raise not_found(_kind(request), "jwt", "")
        return Response(base64.b64decode(row["data"]), media_type=row["media"])


def _kind(request: Request) -> str:
    kind = _KINDS.get(request.path_params["kind"])
    if kind is None:
        raise not_found("resource", "path", request.path_params["kind"])
    return kind


def _answer(kind: str, name: str, media: str, jwt: str) -> dict[str, object]:
    file = {
        "filename": name,
        "public_id": secrets.token_hex(8),
        "jwt": jwt,
        "media_type": media,
        "uuid": str(uuid.uuid4()),
    }
    link = {"link": f"https://my.freshbooks.com/service/uploads/images/{jwt}"}
    return {kind: file, **(link if kind == "image" else {})}


def _guess(data: bytes) -> str:
    """The SDK sends the bytes of a stream without saying what they are."""
    if data.startswith(b"%PDF"):
        return "application/pdf"
    if data.startswith(b"\x89PNG"):
        return "image/png"
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "application/octet-stream"
