"""A whole server with its open port, inside the test's process."""

import asyncio
import threading
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from ssp_encoder.service import Service
from ssp_encoder.settings import Settings


def make_settings(model: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "model": model,
        "name": "tiny",
        "pooling": "mean",
        "normalize": True,
        "max_tokens": 64,
        "dtype": "fp32",
        "device": "cpu",
        "threads": 1,
        "batch_tokens": 256,
        "host": "127.0.0.1",
        "port": 0,
        "allowed_hosts": (),
        "allowed_origins": (),
        "max_waiting": 8,
        "max_body_bytes": 100_000,
        "max_connections": 16,
        "request_timeout_seconds": 5,
        "shutdown_seconds": 5,
    }
    return Settings(**(values | changes))


class Client:
    def __init__(self, service: Service, session: aiohttp.ClientSession) -> None:
        self.service = service
        self.session = session

    async def embed(self, status: int = 200, /, **body: Any) -> dict[str, Any]:
        """Give the reply, which must have this status; an error's body without its frame."""
        return await self.request("POST", "/v1/embeddings", status, json={"model": "tiny"} | body)

    async def request(self, method: str, path: str, status: int, **options: Any) -> dict[str, Any]:
        async with self.session.request(method, path, **options) as response:
            body = await response.json()
            assert response.status == status, body
            self.headers = response.headers
            return body.get("error", body) if status != 200 else body

    async def vectors(self, texts: list[str]) -> list[list[float]]:
        reply = await self.embed(input=texts)
        assert [row["index"] for row in reply["data"]] == list(range(len(texts)))
        return [row["embedding"] for row in reply["data"]]

    async def until_waiting(self, texts: int) -> None:
        async with asyncio.timeout(30):
            while self.service._state.embeddings.waiting != texts:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def held_device(client: Client):
    """Keep the device's thread busy."""
    gate, begun = threading.Event(), threading.Event()
    held = asyncio.create_task(client.service._device.submit(lambda: begun.set() or gate.wait(60)))
    await asyncio.to_thread(begun.wait)
    try:
        yield gate
    finally:
        gate.set()
        await held


@asynccontextmanager
async def served(folder: Path, *, key: str | None = None, load: bool = True, **changes: Any):
    """Run a server on the model of `folder`; afterwards it must stop by itself."""
    service = Service(make_settings(folder, **changes), key)
    await service.listen()
    try:
        if load:
            await service.load()
        async with aiohttp.ClientSession(service.url) as session:
            yield Client(service, session)
    finally:
        assert await service.stop()
