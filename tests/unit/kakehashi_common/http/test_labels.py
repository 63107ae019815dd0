"""Text made up by callers never becomes a label: each value would be kept for ever."""

import asyncio
import subprocess
import sys
import textwrap

PROCESS = textwrap.dedent(
    """
    import asyncio
    import httpx
    from fastapi import APIRouter
    from kakehashi_common import telemetry
    from kakehashi_common.http.app import create_app
    from kakehashi_common.settings import HttpSettings, TelemetrySettings

    telemetry.set_up(TelemetrySettings(), process="api")
    routes = APIRouter()

    @routes.get("/leads/{lead_id}")
    async def lead(lead_id: str) -> str:
        return lead_id

    app = create_app(
        title="t",
        version="1",
        description="d",
        settings=HttpSettings(),
        checks={},
        routers=[routes],
    )

    async def main() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:

            async def made_up(n: int) -> set[str]:
                await http.get(f"/leads/{n}", headers={"host": f"host-{n}.example"})
                await http.get(f"/leads/{n}?a{n}=b", headers={"host": f"/metrics-{n}"})
                await http.get(f"/nothing/{n}", headers={"x-forwarded-proto": f"proto-{n}"})
                await http.request(f"METHOD{n}", f"/leads/{n}", headers={"user-agent": f"a{n}"})
                await http.request(f"METHOD{n}", f"/nothing/{n}", headers={"x-request-id": f"i{n}"})
                return {
                    line.rpartition(" ")[0]
                    for line in (await http.get("/metrics")).text.splitlines()
                    if not line.startswith("#")
                }

            first = await made_up(1)
            for n in range(2, 20):
                later = await made_up(n)
            grown = {each for each in later - first if "_bucket" not in each}
            assert not grown, grown
            assert any('http_target="/leads/{lead_id}"' in each for each in later), later
            assert any('http_method="_OTHER"' in each for each in later), later

    asyncio.run(main())
    """
)


async def test_the_series_of_metrics_do_not_grow_with_what_requests_make_up() -> None:
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", PROCESS],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
