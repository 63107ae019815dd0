"""A real IMAP server (Dovecot, if it is installed), without root and without a service."""

import asyncio
import grp
import os
import pwd
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kakehashi_common.ports import free_port
from tests.support.tls import Authority
from tests.support.waiting import eventually

DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
ACCOUNT = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
"""Dovecot refuses to serve mails as root."""
USER, PASSWORD = "kakehashi", "let-me-in"

_SETTINGS = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/imap.crt
ssl_key = <{root}/imap.key
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{root}/mail
mail_uid = {uid}
mail_gid = {gid}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
"""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """A server with one mailbox."""

    port: int
    tls_port: int
    ca_file: Path
    root: Path

    def deliver(self, name: str, mail: bytes) -> None:
        """Put a mail into the mailbox, as a mail server does."""
        written = self.root / "mail" / "tmp" / name
        written.write_bytes(mail)
        _give(written)
        written.rename(self.root / "mail" / "new" / name)

    def delete(self, name: str) -> None:
        """Take a mail out of the mailbox, as another client of it does."""
        (found,) = (self.root / "mail").glob(f"[cn]*/{name}*")
        found.unlink()

    def count(self) -> int:
        """Return how many mails lie in the mailbox."""
        return sum(len(list((self.root / "mail" / folder).iterdir())) for folder in ("new", "cur"))


@asynccontextmanager
async def imap_server(root: Path) -> AsyncIterator[ImapServer]:
    """Run a server below a directory whose path is short, since it holds sockets."""
    port, tls_port = free_port(), free_port()
    authority = Authority(root)
    for file in authority.issue("imap", "127.0.0.1"):
        _give(file)
    settings = root / "dovecot.conf"
    settings.write_text(
        _SETTINGS.format(
            root=root,
            port=port,
            tls_port=tls_port,
            user=ACCOUNT.pw_name,
            group=grp.getgrgid(ACCOUNT.pw_gid).gr_name,
            uid=ACCOUNT.pw_uid,
            gid=ACCOUNT.pw_gid,
            password=PASSWORD,
        )
    )
    folders = [root / "mail", *(root / "mail" / each for each in ("tmp", "new", "cur"))]
    for folder in (root / "home", *folders):
        folder.mkdir()
        _give(folder)
    _give(root)
    as_account: dict[str, Any] = {
        "user": ACCOUNT.pw_uid,
        "group": ACCOUNT.pw_gid,
        "extra_groups": [],
    }
    process = await asyncio.create_subprocess_exec(
        str(DOVECOT), "-F", "-c", str(settings), **(as_account if os.geteuid() == 0 else {})
    )

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        await eventually(answers, what="the IMAP server")
        yield ImapServer(port, tls_port, authority.ca_file, root)
    finally:
        process.terminate()
        await process.wait()


def _give(path: Path) -> None:
    os.chown(path, ACCOUNT.pw_uid, ACCOUNT.pw_gid)
