"""Mails sent per second: the worker's own activity beside a bare loop to the same mail server."""

import asyncio
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import aiosmtplib
import uvloop
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.contestants import Contestant, ContestantError, running
from benchmarks.followups.installation import (
    OWNER,
    PLAYBOOK,
    Installation,
    address_of,
    installed,
)
from benchmarks.servers import Servers
from benchmarks.watching import Cpu, looks
from followup.container import Container
from followup.delivery.composing import compose
from followup.delivery.mails import MailOrigin, OutgoingMail
from followup.delivery.service import Allow, Deliveries
from followup.delivery.signing import DkimKey, sign
from followup.domain.delivery.outcome import Fate, Outcome
from followup.domain.playbooks.playbook import Playbook
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.sequences import deciding
from followup.domain.sequences.advancing import Script
from followup.domain.sequences.commands import Enter, RecordSent
from followup.domain.sequences.terms import Status
from followup.sequences import repository as sequences
from followup.sequences.messages import RecordedDecision, StepWork
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

CONNECTIONS: Final = 4
"""As many as a worker keeps."""
_TUESDAY: Final = datetime(2026, 12, 1, 1, tzinfo=UTC)
"""Ten o'clock in Japan: mail may go."""
_SENDER: Final = "kakehashi@mail.seller.example"


@dataclass(frozen=True, slots=True)
class Mailed:
    """Mails per second."""

    bare: float
    bare_cpu_ms: float
    """CPU of the sending process, per mail."""
    composing: float
    """Of the bare loop that composes and signs each mail, too."""
    composing_cpu_ms: float
    ours: float
    ours_cpu_ms: float
    servers_cpu_ms: dict[str, float]
    """While ours were sent, per mail."""

    @property
    def share(self) -> float:
        """Ours, of the bare loop's."""
        return self.ours / self.bare

    @property
    def share_of_composing(self) -> float:
        """Ours, of the loop's that composes and signs."""
        return self.ours / self.composing


class _Tuesday:
    def now(self) -> datetime:
        """Return the same instant always."""
        return _TUESDAY


def measure(servers: Servers, mails: int) -> Mailed:
    """Send ``mails`` mails by a bare loop, then as many as the steps of sequences."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
        _mail_server() as (server, port),
        installed(servers, "mailing") as plain,
    ):
        key = Path(directory, "key.pem")
        key.write_bytes(
            rsa.generate_private_key(65537, 2048).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
        )
        installation = replace(plain, more=_mail_settings(port, key))
        lead_ids = [f"lead-{number}" for number in range(mails + CONNECTIONS)]
        asyncio.run(installation.introduce(lead_ids))
        mail, works = asyncio.run(_prepared(installation, lead_ids))
        keys = [DkimKey("seller.example", "s1", key.read_bytes().strip())]
        message = sign(compose(mail), keys)
        uvloop.run(_bare(port, lambda: message, mails // 10))  # warm up
        bare, bare_cpu = uvloop.run(_bare(port, lambda: message, mails))
        composing, composing_cpu = uvloop.run(_bare(port, lambda: sign(compose(mail), keys), mails))
        (ours, ours_cpu), used = uvloop.run(_ours(installation, works, server))
    return Mailed(
        mails / bare,
        1000 * bare_cpu / mails,
        mails / composing,
        1000 * composing_cpu / mails,
        mails / ours,
        1000 * ours_cpu / mails,
        {name: 1000 * seconds / mails for name, seconds in used.items()},
    )


def _mail_settings(port: int, key: Path) -> dict[str, Any]:
    return {
        "mail": {"host": "127.0.0.1", "port": port, "security": "none", "sender": _SENDER},
        "delivery": {
            "dkim_domain": "seller.example",
            "dkim_selector": "s1",
            "dkim_key_file": key,
            "token_keys": ("A" * 44,),
            "pace_seconds": 0,
        },
    }


@contextmanager
def _mail_server() -> Iterator[tuple[Contestant, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = ("benchmarks.followups.mail_server", "--port", str(port))
    with running("mail server", command) as started:
        for _ in looks(started):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                continue
            break
        yield started, port


async def _timed(calls: list[Callable[[], Awaitable[None]]]) -> tuple[float, float]:
    """Await all, :data:`CONNECTIONS` at a time; elapsed and CPU seconds of this process."""
    left = iter(calls)

    async def work() -> None:
        for call in left:
            await call()

    begun, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return time.perf_counter() - begun, time.process_time() - used


async def _bare(port: int, message: Callable[[], bytes], mails: int) -> tuple[float, float]:
    """Send a message again and again over connections that stay open."""
    idle = [
        aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
        for _ in range(CONNECTIONS)
    ]
    for each in idle:
        await each.connect()

    async def send(number: int) -> None:
        client = idle.pop()
        await client.sendmail(_SENDER, [address_of(number)], message())
        idle.append(client)

    took = await _timed([partial(send, number) for number in range(mails)])
    for each in idle:
        await each.quit()
    return took


async def _ours(
    installation: Installation, works: Sequence[StepWork], server: Contestant
) -> tuple[tuple[float, float], dict[str, float]]:
    """Send the mails of steps as the activity of a sequence does; the servers' CPU seconds too."""
    async with _on_a_tuesday(installation) as opened:
        playbook = await _playbook(opened)

        async def send(work: StepWork) -> None:
            result = await opened.step_sender(work, playbook)
            if not isinstance(result, RecordSent):
                raise ContestantError(f"a mail was not sent: {result}")

        await asyncio.gather(*map(send, works[:CONNECTIONS]))  # warm up
        url = installation.database_url
        cpu = await asyncio.to_thread(Cpu, installation.servers, url, server)
        took = await _timed([partial(send, work) for work in works[CONNECTIONS:]])
        used = await asyncio.to_thread(cpu.used)
        await opened.mails.mailer.close()
        return took, used


class _Keeper:
    """Keeps the last mail, and sends none."""

    mail: OutgoingMail

    async def known(self, *_of: object) -> None:
        """Know nothing."""

    async def deliver(self, mail: OutgoingMail, _origin: MailOrigin, *, allow: Allow) -> Outcome:  # noqa: ARG002
        """Keep a mail."""
        self.mail = mail
        return Outcome(Fate.DEFERRED, "kept")


async def _prepared(
    installation: Installation, lead_ids: Sequence[str]
) -> tuple[OutgoingMail, list[StepWork]]:
    """Store sequences whose first mail is being sent; return a mail, and the work on each."""
    async with _on_a_tuesday(installation) as opened:
        playbook = await _playbook(opened)
        script = Script(playbook, opened.office)
        decisions = [_sending(lead_id, script) for lead_id in lead_ids]
        async with opened.database.transaction() as connection:
            for each in decisions:
                await sequences.put(connection, each)
        works = [StepWork.of(each.state) for each in decisions]
        keeper = _Keeper()
        opened.mails.deliveries = cast("Deliveries", keeper)
        await opened.step_sender(works[0], playbook)
        return keeper.mail, works


def _sending(lead_id: str, script: Script) -> RecordedDecision:
    enter = Enter(
        f"s-{lead_id}",
        PLAYBOOK,
        script.playbook.version,
        lead_id,
        "benchmarks",
        "price_interest",
        "benchmarks",
        owner=OWNER,
    )
    entered = deciding.enter(enter, script, _TUESDAY)
    state = replace(entered.state, status=Status.SENDING)
    return RecordedDecision.of(replace(entered, state=state), _TUESDAY, None)


async def _playbook(opened: Container) -> Playbook:
    version = await opened.sequences.version_in_force(PLAYBOOK)
    async with opened.database.transaction() as connection:
        return await opened.playbooks.find(connection, PLAYBOOK, version)


@asynccontextmanager
async def _on_a_tuesday(installation: Installation) -> AsyncIterator[Container]:
    """The use cases in office hours; caps would end the benchmark early."""
    async with installation.opened() as opened:
        opened.clock = _Tuesday()
        opened.send_policy = SendPolicy(BUSINESS_DAYS, caps=())
        yield opened
