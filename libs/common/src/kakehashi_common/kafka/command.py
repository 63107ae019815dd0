"""Run a command's work: a mistake becomes one clear line, without a traceback."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from kakehashi_common.errors import PermanentError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work``; if Kafka is unavailable or the input is wrong, say so and exit with 2."""
    try:
        return asyncio.run(work)
    except PermanentError as error:
        message = error.message
    except (KafkaError, OSError) as error:
        message = f"Kafka: {error}"
    sys.stderr.write(message + "\n")
    raise SystemExit(2)
