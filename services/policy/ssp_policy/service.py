"""The assembled service: an open port at once, the model behind it when it is loaded."""

import asyncio
import time
from collections.abc import Callable

from ssp_policy.assembly import load_parts
from ssp_policy.device_thread import DeviceThread
from ssp_policy.errors import as_policy_error
from ssp_policy.http.app import create_app
from ssp_policy.http.app_state import AppState
from ssp_policy.http.handlers import make_handlers
from ssp_policy.http.metrics import Metrics
from ssp_policy.http.server import CodedRunner, ConnectionLimits, open_port
from ssp_policy.logs import log_event
from ssp_policy.readiness import Readiness
from ssp_policy.settings import Settings

_LAST_SECONDS = 5.0
"""For what cannot be interrupted: the batch or job that runs, replies that are being sent."""


class Service:
    """One policy service; made inside a running event loop. It neither listens nor loads yet."""

    def __init__(self, settings: Settings, token: str | None) -> None:
        self._settings = settings
        self._device = DeviceThread()
        self.readiness = Readiness()
        self._state = AppState(self.readiness, Metrics(), token)
        self._runner = CodedRunner(
            create_app(self._state, settings),
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
        """Load the model on the device's thread; then requests are answered.

        Raises what is wrong with the model or the machine.
        """

        def progress(done: float, what: str) -> None:
            self.readiness.loading(done, what)
            report(done, what)

        self._device.start()
        try:
            parts = await self._device.submit(lambda: load_parts(self._settings, progress))
        except BaseException as error:
            self.readiness.fail(as_policy_error(error))
            raise
        self._state.handlers = make_handlers(
            parts, self._device, self._state.metrics, self._settings
        )
        self._state.metrics.watch(parts)
        self._device.attach(parts.engine)
        self.readiness.ready()

    async def stop(self) -> bool:
        """Refuse new requests, let those in flight finish for a while, close the port.

        What has not finished by then is cut off. A job whose client has gone, such as the saving of
        a checkpoint, has that time too. Gives False where the device's thread has not ended: it is
        in the middle of something and goes with the process.
        """
        self.readiness.stop()
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
