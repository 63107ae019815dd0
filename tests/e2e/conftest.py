"""Fixtures of the end-to-end tests. Tests that restart servers run after all others."""

import pytest
import pytest_asyncio

from tests.e2e import stream
from tests.e2e.outcome import Outcome
from tests.e2e.running import undisturbed_outcome
from tests.e2e.stream import Stream


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests that restart the shared servers behind all others, of whatever folder."""
    items.sort(key=lambda item: item.get_closest_marker("disruptive") is not None)


@pytest.fixture(scope="session")
def made_stream() -> Stream:
    """The stream as it is generated: once, since it takes seconds."""
    return stream.made()


@pytest.fixture
def sent(made_stream: Stream) -> Stream:
    """The stream for one test, which notes where its records went."""
    return made_stream.again()


@pytest_asyncio.fixture(scope="session")
async def undisturbed(made_stream: Stream) -> Outcome:
    """The outcome of the stream without any fault."""
    return await undisturbed_outcome(made_stream)
