"""A whole service with its open port, inside the test's process."""

import asyncio
import json
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from documented import checked
from make_settings import make_settings

from ssp_policy.service import Service


class Client:
    """Speaks HTTP to one service, whose replies must be as they are documented."""

    def __init__(self, service: Service, session: aiohttp.ClientSession) -> None:
        self.service = service
        self.session = session

    async def post(self, path: str, status: int = 200, /, **body: Any) -> dict[str, Any]:
        """Give the reply, which must have this status; an error's body without its frame."""
        return await self.request("POST", path, status, json=body)

    async def get(self, path: str, status: int = 200) -> dict[str, Any]:
        return await self.request("GET", path, status)

    async def request(
        self, method: str, path: str, status: int | None = None, **options: Any
    ) -> dict[str, Any]:
        """Give the reply, with this status where one is named; an error without its frame."""
        async with self.session.request(method, path, **options) as response:
            raw = await response.read()
            assert status in {None, response.status}, raw
            assert response.content_type == "application/json"
            return checked(method, path, response.status, raw)

    async def complete(self, prompt: Any, **fields: Any) -> list[dict[str, Any]]:
        """Give the choices of a completion, with their token ids."""
        body = {"prompt": prompt, "return_token_ids": True} | fields
        return (await self.post("/v1/completions", **body))["choices"]

    async def events(self, path: str, **body: Any) -> list[Any]:
        """Give the events of a streamed reply; the last must be [DONE]."""
        async with self.session.post(path, json=body | {"stream": True}) as response:
            assert response.status == 200
            assert response.content_type == "text/event-stream"
            text = (await response.read()).decode()
        events = [part.removeprefix("data: ") for part in text.split("\n\n") if part]
        assert events.pop() == "[DONE]"
        return [json.loads(event) for event in events]

    async def metrics(self) -> dict[str, float]:
        async with self.session.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        rows = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in rows}

    async def wait_for(self, **gauges: float) -> None:
        """Wait until these gauges have these values, e.g. running_requests=0."""
        async with asyncio.timeout(60):
            while True:
                metrics = await self.metrics()
                if all(metrics[f"ssp_policy_{name}"] == wanted for name, wanted in gauges.items()):
                    return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def held_device(client: Client):
    """Keep the device's thread busy; gives how many jobs wait behind."""
    gate = threading.Event()
    device = client.service._device
    begun = threading.Event()
    held = asyncio.create_task(device.submit(lambda: begun.set() or gate.wait()))
    await asyncio.to_thread(begun.wait)
    try:
        yield lambda: len(device._jobs)
    finally:
        gate.set()
        await held


@asynccontextmanager
async def served(folder: Path, *, token: str | None = None, load: bool = True, **changes: Any):
    """Run a service on the model of `folder`; afterwards it must stop by itself."""
    service = Service(make_settings(folder, **changes), token)
    await service.listen()
    connector = aiohttp.TCPConnector(limit=0)
    try:
        if load:
            await service.load()
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(
            service.url, connector=connector, headers=headers
        ) as session:
            yield Client(service, session)
    finally:
        assert await service.stop()
