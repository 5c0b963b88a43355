"""`tieout codec`: the codec server with everything it needs, until it is told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable

from workers.access.authorities import concierge
from workers.codec import payload_codec
from workers.codec_server import build_codec_server
from workers.gateway.serve import serve
from workers.opening import open_store
from workers.process import running
from workers.settings import AppSettings, check_bind
from workers.yamlfile import Problem, SettingsError

_LOG = logging.getLogger("tieout.codec")


async def run_codec(settings: AppSettings, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once the port is open.

    Raises SettingsError where there are no keys or the bind would show payloads to the network,
    StoreError for a store that cannot serve, OSError when the port is taken.
    """

    def listening(url: str) -> None:
        _LOG.info("the codec server listens", extra={"url": url})
        ready()

    check_bind(settings.codec, "codec")
    codec = payload_codec(settings)
    if codec is None:
        raise SettingsError(
            Problem("settings", "keys", "", "is needed: without keys there is nothing to decode")
        )
    async with running(settings) as process, open_store(settings) as store:
        app = build_codec_server(codec, concierge(settings, store.persons), settings.codec)
        await serve(app, settings.codec, listening, process.stopped, "codec")
        _LOG.info("the codec server has stopped")
