"""Settings of the alerts that would tell nobody, or tell everybody, are refused."""

from __future__ import annotations

import pytest

from workers.settings import SettingsError, load_settings

MAIL = {"host": "mail.example.com", "sender": "t@example.com", "recipients": ["b@example.com"]}


def test_without_a_channel_nothing_is_set() -> None:
    assert load_settings().alerts.channels == []


def test_both_channels_are_made_of_the_settings() -> None:
    alerts = {"slack_url": "https://hooks.example.com/services/T/B/X", "email": MAIL}
    assert [c.name for c in load_settings(alerts=alerts).alerts.channels] == ["slack", "email"]


@pytest.mark.parametrize(
    ("alerts", "field"),
    [
        ({"slack_url": "http://hooks.example.com/SECRET"}, "alerts.slack_url"),
        ({"slack_url": "http://127.0.0.1:80@evil.example/SECRET"}, "alerts.slack_url"),
        ({"slack_url": "//evil.example/SECRET"}, "alerts.slack_url"),
        ({"email": {**MAIL, "security": "none"}}, "alerts.email"),
        ({"email": {**MAIL, "recipients": []}}, "alerts.email.recipients"),
        ({"email": {**MAIL, "sender": "x@y\r\nBcc: evil@example.com"}}, "alerts.email.sender"),
        ({"every_seconds": 1}, "alerts.every_seconds"),
    ],
)
def test_what_would_go_wrong_is_refused_and_named(alerts: dict[str, object], field: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(alerts=alerts)
    assert field in str(refused.value)
    assert "SECRET" not in str(refused.value)
