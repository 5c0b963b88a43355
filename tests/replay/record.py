"""Record the golden histories anew: `python -m tests.replay.record`, only when a change of a
workflow is meant to break the replay of documents that wait. Each file is named for its story;
names of stories as arguments record those alone.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from temporalio.service import RPCError

from tests.e2e.house import House, open_house
from tests.replay.more_stories import OTHER_STORIES
from tests.replay.stories import ORDER_TO_CASH_STORIES, Story
from workers.refusal import Refusal

HISTORIES = Path(__file__).parent / "histories"
STORIES = (*ORDER_TO_CASH_STORIES, *OTHER_STORIES)


async def main(names: list[str]) -> int:
    """Record each story; how many of them did not end as they should."""
    failed = 0
    # Golden histories are read by people and replayed without keys.
    os.environ["TIEOUT_ENCRYPTION"] = "false"
    with tempfile.TemporaryDirectory(prefix="tieout-record-") as folder:
        async with open_house(Path(folder), lanes=2) as house:
            for story in STORIES:
                if names and story.__name__ not in names:
                    continue
                try:
                    told = await _record(house, story)
                except (AssertionError, TimeoutError, Refusal, RPCError) as error:
                    told, failed = f"{type(error).__name__} {error}", failed + 1
                sys.stderr.write(f"{story.__name__}: {told}\n")
    return failed


async def _record(house: House, story: Story) -> str:
    handle = house.client.get_workflow_handle(await story(house))
    history = await handle.fetch_history()
    (HISTORIES / f"{story.__name__}.json").write_text(history.to_json() + "\n")
    return f"{len(history.events)} events"


if __name__ == "__main__":
    os._exit(min(asyncio.run(main(sys.argv[1:])), 1))
