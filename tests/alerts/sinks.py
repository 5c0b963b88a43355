"""Where alerts arrive in the tests: a Slack-like web hook and an SMTP server, both on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class SlackSink:
    """Takes what is posted to it. `answers` are the statuses of the next posts, then 200."""

    url: str = ""
    texts: list[str] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body: dict[str, Any] = json.loads(await reader.readexactly(length))
        status, more = self.answers.pop(0) if self.answers else (200, "")
        if status == 200:
            self.texts.append(body["text"])
        writer.write(f"HTTP/1.1 {status} x\r\n{more}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@dataclass
class MailSink:
    """A mail server that keeps every letter. `refuses` is its answer to the recipient."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 sink")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                await say("354 go on")
                self._keep(await reader.readuntil(b"\r\n.\r\n"))
                await say("250 kept")
            elif verb == "RCPT":
                self.recipients.append(line.partition("<")[2].rstrip(">"))
                await say(self.refuses or "250 yes")
            elif verb == "AUTH":
                await say("535 5.7.8 no")
            elif verb == "EHLO":
                writer.write(b"250-sink\r\n")
                await say("250 AUTH PLAIN")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 yes")
        writer.close()

    def _keep(self, data: bytes) -> None:
        whole = data.removesuffix(b"\r\n.\r\n").replace(b"\r\n..", b"\r\n.")
        letter = message_from_bytes(whole, policy=policy.default)
        self.letters.append(letter)


@asynccontextmanager
async def slack_sink() -> AsyncIterator[SlackSink]:
    sink = SlackSink()
    async with await asyncio.start_server(sink.serve, "127.0.0.1", 0) as server:
        sink.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/services/SECRET"
        yield sink


@asynccontextmanager
async def mail_sink() -> AsyncIterator[MailSink]:
    sink = MailSink()
    async with await asyncio.start_server(sink.serve, "127.0.0.1", 0) as server:
        sink.port = server.sockets[0].getsockname()[1]
        yield sink
