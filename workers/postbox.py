"""Messages to single persons, over the channels that the alerts are told by."""

from __future__ import annotations

from connectors.notices.mail import MailChannel
from connectors.notices.slack import SlackChannel
from policies.expenses.settings import PersonLink
from store.store import Store
from workers.alerting import AlertSettings


class Postbox:
    """Sends to the person's own e-mail address and to the person's own Slack webhook.

    The webhook of the alerts is not used: a link that only one person may open has no place in a
    room that others read.
    """

    def __init__(self, settings: AlertSettings, store: Store) -> None:
        self._mail = settings.email
        self._network = settings.network
        self._store = store

    async def send(self, connection: str, person: PersonLink, subject: str, text: str) -> bool:
        """True when a channel took it; see activities.expenses.letters.Post."""
        mailed = await self._by_mail(person, subject, text)
        return await self._by_slack(connection, person, subject, text) or mailed

    async def _by_mail(self, person: PersonLink, subject: str, text: str) -> bool:
        at = self._mail
        if at is None or not person.email:
            return False
        await MailChannel(at.server, at.sender, (person.email,)).send(subject, text)
        return True

    async def _by_slack(self, connection: str, person: PersonLink, subject: str, text: str) -> bool:
        url = await self._store.credentials.get(connection, person.slack) if person.slack else None
        if not url:
            return False
        await SlackChannel(url, self._network).send(subject, text)
        return True
