"""A step of the lowest priority lets the calls of all others go first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from temporalio.common import Priority
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.context import Workplace
from activities.interceptor import StepInterceptor
from activities.telling import LOWEST
from connectors.turns import BACKGROUND


class _Step(ActivityInboundInterceptor):
    """Says in which class its calls would go."""

    def __init__(self) -> None:
        """It is the last one."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        return BACKGROUND.get()


@pytest.mark.parametrize(("priority", "behind"), [(LOWEST, True), (Priority.default, False)])
async def test_only_a_step_of_the_lowest_priority_is_background(
    priority: Priority, behind: bool
) -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, priority=priority)
    step = StepInterceptor(cast(Workplace, None)).intercept_activity(_Step())
    asked = ExecuteActivityInput(fn=lambda: None, args=(), executor=None, headers={})
    assert await environment.run(step.execute_activity, asked) is behind
