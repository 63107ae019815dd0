"""The Temporal UI as an operator sees it, in a real browser."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import pytest

from kakehashi_common.settings import CodecKey, parse_codec_keys
from tests.support import stack
from tests.support.browser import Page, browser_page, chromium
from tests.support.temporal import TestTemporal

_TRIES: Final = 3


def codec_keys(service: str) -> tuple[CodecKey, ...]:
    """The keys with which a service of the stack encrypts, and that the codec server knows."""
    return parse_codec_keys(stack.environment()[f"{service}_TEMPORAL__CODEC_KEYS"])


@dataclass(frozen=True)
class TemporalUi:
    """The UI beside the workflows of one test."""

    temporal: TestTemporal
    page: Page

    async def open_list(self, *columns: str) -> None:
        """Open the list of the test's workflows, with these columns beside status and id."""
        await self.page.open(self._url(""))
        labels = ("Status", *columns, "Workflow ID", "Type")
        await self.page.store(
            "namespace-workflow-table-columns",
            json.dumps({"default": [{"label": each} for each in labels]}),
        )
        query = quote(f"WorkflowId STARTS_WITH '{self.temporal.prefix}'")
        await self.page.open(self._url(f"?query={query}"))

    async def read_metadata(self, workflow_id: str, *wanted: str) -> str:
        """Open summary and details of a workflow, and wait until they show all of ``wanted``.

        The page asks a workflow once, and a busy worker may answer too late for it: it is then
        opened again.
        """
        for _ in range(_TRIES):
            await self._open(workflow_id, "user-metadata")
            with suppress(AssertionError):
                return await self.page.shows(*wanted, within=30)
        return await self.page.shows(*wanted)

    async def open_history(self, workflow_id: str) -> None:
        """Open the history of a workflow."""
        await self._open(workflow_id, "history")

    async def open_update(self, name: str) -> None:
        """Open the dialog that sends the workflow shown an update."""
        await self.page.click("button", "More Actions")
        await self.page.click("[role=menuitem]", "Send an Update")
        await self.page.click("[data-testid=update-select-button]")
        await self.page.click("dialog[open] [role=option]", name)

    async def submit(self, data: Mapping[str, object] | None = None) -> None:
        """Send the update of the dialog, with ``data`` or without."""
        if data is not None:
            await self.page.click("dialog[open] .cm-content")
            # As the editor itself formats it when it is left: else the button moves away then.
            await self.page.write(json.dumps(data, indent=2))
        await self.page.click("dialog[open] button", "Submit")

    async def _open(self, workflow_id: str, tab: str) -> None:
        described = await self.temporal.client.get_workflow_handle(workflow_id).describe()
        run = f"{quote(workflow_id, safe='')}/{described.run_id}"
        await self.page.open(self._url(f"/{run}/{tab}"))

    @staticmethod
    def _url(rest: str) -> str:
        return f"{stack.temporal_ui()}/namespaces/default/workflows{rest}"


@asynccontextmanager
async def temporal_ui(temporal: TestTemporal) -> AsyncIterator[TemporalUi]:
    """Open a browser beside the codec server, until the block ends."""
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium here: install it to see the Temporal UI (Debian: chromium)")
    stack.start("codec")
    async with browser_page(executable) as page:
        yield TemporalUi(temporal, page)
