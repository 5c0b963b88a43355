"""The channels: what arrives, what is refused, and what must never be shown."""

from __future__ import annotations

import pytest

from connectors.errors import ConnectorError, Misconfigured, Throttled, Unauthorized, Unavailable
from connectors.network import Network
from connectors.notices.mail import MailChannel, MailServer, letter_of
from connectors.notices.slack import SlackChannel
from tests.alerts.sinks import mail_sink, slack_sink

HERE = Network(allow_private=True)
WHO = ("books@example.com", "audit@example.com")


def channel(port: int, **more: str) -> MailChannel:
    server = MailServer("127.0.0.1", port, "none", more.get("username", ""), "hunter2")
    return MailChannel(server, "tieout@example.com", WHO)


async def test_slack_gets_the_text_with_nothing_in_it_taken_for_a_mention() -> None:
    async with slack_sink() as sink:
        await SlackChannel(sink.url, HERE).send("s", "held: <!channel> & co")
    assert sink.texts == ["held: &lt;!channel&gt; &amp; co"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((429, "Retry-After: 7\r\n"), Throttled),
        ((410, ""), Misconfigured),
        ((500, ""), Unavailable),
    ],
)
async def test_a_refusal_of_slack_is_classified_and_does_not_show_its_address(
    answer: tuple[int, str], error: type[ConnectorError]
) -> None:
    async with slack_sink() as sink:
        sink.answers = [answer]
        with pytest.raises(error) as refused:
            await SlackChannel(sink.url, HERE).send("s", "t")
    assert "SECRET" not in str(refused.value)
    assert refused.value.__cause__ is None
    if isinstance(refused.value, Throttled):
        assert refused.value.retry_after == 7


async def test_a_slack_that_is_not_there_is_unavailable_and_does_not_show_its_address() -> None:
    async with slack_sink() as sink:
        url = sink.url
    with pytest.raises(Unavailable) as refused:
        await SlackChannel(url, HERE).send("s", "t")
    assert "SECRET" not in repr(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/SECRET",
        "http://hooks.example.com/SECRET",
        "ftp://127.0.0.1:1/SECRET",
    ],
)
async def test_slack_is_called_by_the_same_door_as_every_other_system(url: str) -> None:
    """A person's own webhook comes from the vault, where nobody looks at its shape."""
    with pytest.raises(Misconfigured) as refused:
        await SlackChannel(url, HERE).send("s", "t")
    assert "SECRET" not in repr(refused.value)


async def test_a_letter_arrives_whole_and_at_everybody() -> None:
    async with mail_sink() as sink:
        await channel(sink.port).send("Tieout demo: 1 new", "NEW held: ünïcode ☂\n.\nend")
    (letter,) = sink.letters
    assert letter["Subject"] == "Tieout demo: 1 new"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().replace("\r\n", "\n").rstrip() == "NEW held: ünïcode ☂\n.\nend"
    assert sink.recipients == list(WHO)


@pytest.mark.parametrize(
    "subject",
    ["a\r\nBcc: evil@example.com", "a\nX-Evil: 1", "a\x0bb\x85c\u2028d", "x" * 5000, "\r\n"],
)
def test_no_subject_makes_another_header(subject: str) -> None:
    plain = letter_of("plain", "text", "a@example.com", WHO)
    letter = letter_of(subject, "text", "a@example.com", WHO)
    assert sorted(letter.keys()) == sorted(plain.keys())
    head = letter.as_bytes().split(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert not {b"Bcc", b"X-Evil"} & set(names)


async def test_a_refused_sign_in_is_unauthorized_and_shows_no_password() -> None:
    async with mail_sink() as sink:
        with pytest.raises(Unauthorized) as refused:
            await channel(sink.port, username="tieout").send("s", "t")
    assert "hunter2" not in repr(refused.value)


async def test_refused_recipients_are_a_matter_of_the_set_up() -> None:
    async with mail_sink() as sink:
        sink.refuses = "550 5.1.1 no such user"
        with pytest.raises(Misconfigured) as refused:
            await channel(sink.port).send("s", "t")
    assert "example.com" not in str(refused.value)


async def test_a_mail_server_that_is_not_there_is_unavailable() -> None:
    async with mail_sink() as sink:
        port = sink.port
    with pytest.raises(Unavailable):
        await channel(port).send("s", "t")
