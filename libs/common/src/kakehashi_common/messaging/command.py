"""What the command-line programs share: Kafka that is away is one clear line, not a traceback."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work``; when Kafka can't be reached or refuses, say so and exit with status 2."""
    try:
        return asyncio.run(work)
    except (KafkaError, OSError) as error:
        sys.stderr.write(f"Kafka: {error}\n")
        raise SystemExit(2) from None
