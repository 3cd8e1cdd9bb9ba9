"""The assembled server: an open port at once, the model behind it when it is loaded."""

import asyncio
import time
from collections.abc import Callable

from ssp_encoder.app import AppState, create_app
from ssp_encoder.embeddings import Embeddings
from ssp_encoder.engine import EmbeddingEngine
from ssp_encoder.model import load_model
from ssp_encoder.settings import Settings
from ssp_policy.device_thread import DeviceThread
from ssp_policy.errors import as_policy_error
from ssp_policy.http.server import CodedRunner, ConnectionLimits, open_port
from ssp_policy.logs import log_event

_LAST_SECONDS = 5.0
"""For what cannot be interrupted: the batch that runs, replies that are being sent."""


class Service:
    """One server; made inside a running event loop. It neither listens nor loads yet."""

    def __init__(self, settings: Settings, key: str | None) -> None:
        self._settings = settings
        self._device = DeviceThread()
        self._state = AppState()
        self._runner = CodedRunner(
            create_app(self._state, settings, key),
            ConnectionLimits(settings.max_connections, settings.request_timeout_seconds),
            handler_cancellation=True,
            access_log=None,
            shutdown_timeout=_LAST_SECONDS,
        )
        self.url = ""
        """Known once it listens."""

    async def listen(self) -> None:
        """Open the port; raises SSP_POLICY_ADDRESS_UNAVAILABLE."""
        self.url = await open_port(self._runner, self._settings.host, self._settings.port)

    async def load(self, report: Callable[[float, str], None] = lambda _done, _what: None) -> None:
        """Load the model on the device's thread; raises what is wrong with it or the machine."""
        self._state.readiness.loading(0.0, "loading weights")
        report(0.0, "loading weights")
        self._device.start()
        try:
            model = await self._device.submit(lambda: load_model(self._settings))
        except BaseException as error:
            self._state.readiness.fail(as_policy_error(error))
            raise
        engine = EmbeddingEngine(model, self._settings.batch_tokens)
        self._state.embeddings = Embeddings(model, engine, self._device, self._settings)
        self._device.attach(engine)
        self._state.readiness.ready()

    async def stop(self) -> bool:
        """Refuse new requests, let those in flight finish for a while, close the port.

        What has not finished by then is cut off. Gives False where the device's thread has not
        ended: it goes with the process.
        """
        self._state.readiness.stop()
        deadline = time.monotonic() + self._settings.shutdown_seconds
        try:
            async with asyncio.timeout(self._settings.shutdown_seconds):
                await self._state.idle.wait()
        except TimeoutError:
            log_event("cut off", requests=self._state.in_flight)
        left = max(deadline - time.monotonic(), _LAST_SECONDS)
        has_ended = await asyncio.to_thread(self._device.stop, left)
        await self._runner.cleanup()
        return has_ended
