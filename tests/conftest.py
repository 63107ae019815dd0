"""Settings and options of all tests."""

import pytest
import structlog
from hypothesis import settings

# How long an example takes is the machine's affair; a test that hangs meets pytest's limit.
settings.register_profile("kakehashi", deadline=None)
settings.load_profile("kakehashi")

# Not set up, structlog prints the local variables of every frame of a traceback: a batch of events
# takes ten seconds.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write what golden-file tests made into their files instead of comparing it",
    )
