"""The mail server of the benchmark: takes every mail, and keeps none.

Run by the harness as a process of its own: ``python -m benchmarks.followups.mail_server``.
"""

import argparse
import asyncio
import signal
from functools import partial

import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session


class Taker:
    """Answers 250 to every message."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        """Take a message."""
        return "250 2.0.0 OK"


async def serve(port: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(partial(SMTP, Taker(), loop=loop), "127.0.0.1", port)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(**vars(parser.parse_args())))
