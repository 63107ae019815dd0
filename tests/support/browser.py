"""A real browser without a further dependency: Chromium, told what to do over a pair of pipes.

Source: Chrome DevTools Protocol; ``--remote-debugging-pipe`` reads commands from descriptor 3 and
answers on 4, each message ended by a zero byte.
"""

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.waiting import eventually

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_LARGEST_MESSAGE: Final = 64 * 1024 * 1024
"""A screenshot is one message."""
_UNREAD: Final = frozenset({"HEAD", "NOSCRIPT", "SCRIPT", "STYLE"})
_OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=ja",
    "--window-size=1500,1500",
    # The UI shows Markdown in sandboxed frames; a process of their own hides them from the page.
    "--disable-features=IsolateSandboxedIframes",
    "--remote-debugging-pipe",
)


def chromium() -> str | None:
    """The browser's executable; ``None`` where none is installed."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab."""

    def __init__(self, reader: asyncio.StreamReader, commands: int) -> None:
        self._reader = reader
        self._commands = commands
        self._numbers = itertools.count(1)
        self._session: str | None = None

    async def attach(self) -> None:
        """Open the tab."""
        target = await self.call("Target.createTarget", {"url": "about:blank"})
        attached = await self.call(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        self._session = attached["sessionId"]

    async def call(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Call a method of the protocol; events that come before its answer are dropped."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params or {}}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result

    async def open(self, url: str) -> None:
        """Go to an address."""
        await self.call("Page.navigate", {"url": url})

    async def store(self, name: str, value: str) -> None:
        """Keep a value in the page's local storage."""
        script = f"localStorage.setItem({json.dumps(name)}, {json.dumps(value)})"
        await self.call("Runtime.evaluate", {"expression": script})

    async def click(self, selector: str, text: str = "") -> None:
        """Click the first visible element that the selector finds and that shows ``text``.

        It has come to rest, and nothing lies over it: a layout that still moves takes a click away.
        """
        script = f"""(() => {{
            const found = [...document.querySelectorAll({json.dumps(selector)})].find(each =>
                each.getClientRects().length && each.innerText.includes({json.dumps(text)}));
            if (!found) return [];
            found.scrollIntoView({{block: "nearest"}});
            const box = found.getBoundingClientRect();
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            return found.contains(document.elementFromPoint(x, y)) ? [x, y] : [];
        }})()"""
        place: list[float] = []

        async def there() -> bool:
            nonlocal place
            found = await self.call(
                "Runtime.evaluate", {"expression": script, "returnByValue": True}
            )
            before, place = place, found["result"]["value"]
            return bool(place) and place == before

        await eventually(there, within=30, every=0.2, what=f"{selector} with {text!r}")
        x, y = place
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            await self.call("Input.dispatchMouseEvent", event)

    async def write(self, text: str) -> None:
        """Write where the cursor is."""
        await self.call("Input.insertText", {"text": text})

    async def text(self) -> str:
        """Return the text of the page and its frames, a line per element."""
        document = await self.call("DOM.getDocument", {"depth": -1, "pierce": True})
        return "\n".join(_texts(document["root"]))

    async def shows(self, *wanted: str, within: float = 60) -> str:
        """Wait until the page shows all of ``wanted``; return all that it shows."""
        shown = ""

        async def there() -> bool:
            nonlocal shown
            shown = await self.text()
            return all(each in shown for each in wanted)

        try:
            await eventually(there, within=within, every=0.2)
        except AssertionError:
            missing = [each for each in wanted if each not in shown]
            raise AssertionError(f"the page never showed {missing} but:\n{shown[:3000]}") from None
        return shown

    async def screenshot(self, file: Path) -> None:
        """Store a screenshot of the page as PNG."""
        shot = await self.call("Page.captureScreenshot", {"format": "png"})
        await asyncio.to_thread(file.write_bytes, base64.b64decode(shot["data"]))


def _texts(node: Mapping[str, Any]) -> Iterator[str]:
    if node["nodeName"] in _UNREAD:
        return
    if node["nodeName"] == "#text" and (text := node["nodeValue"].strip()):
        yield text
    inner = [*node.get("children", ()), *node.get("shadowRoots", ())]
    if "contentDocument" in node:
        inner.append(node["contentDocument"])
    for each in inner:
        yield from _texts(each)


@asynccontextmanager
async def browser_page(executable: str) -> AsyncIterator[Page]:
    """Start a browser without a past, and end it with the block."""
    async with AsyncExitStack() as opened:
        profile = opened.enter_context(
            tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        )
        theirs_in, commands = os.pipe()
        answers, theirs_out = os.pipe()
        nowhere = os.open(os.devnull, os.O_RDWR)
        opened.callback(os.close, commands)
        pid = os.posix_spawn(  # noqa: ASYNC221 - it returns at once
            executable,
            [executable, *_OPTIONS, f"--user-data-dir={profile}"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nowhere, 1),
                (os.POSIX_SPAWN_DUP2, nowhere, 2),
                (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                (os.POSIX_SPAWN_DUP2, theirs_out, 4),
            ],
            setpgroup=0,
        )
        opened.push_async_callback(asyncio.to_thread, os.waitpid, pid, 0)
        opened.callback(os.killpg, pid, signal.SIGKILL)
        for descriptor in (theirs_in, theirs_out, nowhere):
            os.close(descriptor)
        reader = asyncio.StreamReader(limit=_LARGEST_MESSAGE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(answers, "rb", buffering=0)
        )
        opened.callback(transport.close)
        page = Page(reader, commands)
        async with asyncio.timeout(60):
            await page.attach()
        yield page
