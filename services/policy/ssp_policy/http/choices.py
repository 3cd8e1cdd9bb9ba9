"""Requests to the sampling engine and what comes back, between its thread and the event loop."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ssp_policy.device_thread import DeviceThread
from ssp_policy.errors import PolicyError
from ssp_policy.http.metrics import Metrics
from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SampledToken, SampleEnd, SampleRequest


@dataclass
class Choice:
    """One completion: all tokens and how it ended."""

    request: SampleRequest
    tokens: list[SampledToken] = field(default_factory=list)
    text_length: int = 0
    """Characters of all tokens."""
    end: SampleEnd | None = None

    @property
    def text(self) -> str:
        """The text of all tokens."""
        return "".join(token.text_delta for token in self.tokens)

    def add(self, token: SampledToken) -> None:
        """Take the next token."""
        self.tokens.append(token)
        self.text_length += len(token.text_delta)

    def finished(self) -> SampleEnd:
        """Give the end; raises the error of a choice that failed."""
        assert self.end is not None
        if self.end.error is not None:
            raise self.end.error
        return self.end


class _Collector:
    """Keeps the tokens of one request and wakes the event loop once, at the end."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.done = asyncio.get_running_loop().create_future()

    def on_token(self, token: SampledToken, /) -> None:
        self.choice.add(token)

    def on_end(self, end: SampleEnd, /) -> None:
        self.choice.end = end
        _tell_loop(self.done.get_loop(), self._finish)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class _Streamer:
    """Hands each token to the event loop at once."""

    def __init__(self, index: int, events: "asyncio.Queue[Event]") -> None:
        self._index = index
        self._events = events
        self._loop = asyncio.get_running_loop()

    def on_token(self, token: SampledToken, /) -> None:
        _tell_loop(self._loop, lambda: self._events.put_nowait((self._index, token)))

    def on_end(self, end: SampleEnd, /) -> None:
        _tell_loop(self._loop, lambda: self._events.put_nowait((self._index, end)))


Event = tuple[int, SampledToken | SampleEnd]
"""Which choice, and what has come."""


class Sampling:
    """Submits requests and takes them back when nobody waits for them any more."""

    def __init__(self, engine: SamplingEngine, device: DeviceThread, metrics: Metrics) -> None:
        self._engine = engine
        self._device = device
        self._metrics = metrics

    async def collect(self, requests: Sequence[SampleRequest]) -> list[Choice]:
        """Sample all requests to their end; raises the error of the first that failed."""
        collectors = [_Collector(Choice(request)) for request in requests]
        with self._submitted(requests, collectors):
            await asyncio.gather(*(collector.done for collector in collectors))
        for collector in collectors:
            self._count(collector.choice.finished())
        return [collector.choice for collector in collectors]

    async def stream(self, requests: Sequence[SampleRequest]) -> AsyncGenerator[Event]:
        """Give tokens and ends as they come, until all requests have ended.

        They are submitted when the first event is asked for.
        """
        events: asyncio.Queue[Event] = asyncio.Queue()
        streamers = [_Streamer(index, events) for index in range(len(requests))]
        with self._submitted(requests, streamers):
            open_choices = len(requests)
            while open_choices:
                index, event = await events.get()
                if isinstance(event, SampleEnd):
                    self._count(event)
                    open_choices -= 1
                yield index, event

    def _count(self, end: SampleEnd) -> None:
        self._metrics.queue_seconds.observe(end.queue_ms / 1000)

    @contextmanager
    def _submitted(
        self, requests: Sequence[SampleRequest], listeners: Sequence[_Collector | _Streamer]
    ) -> Iterator[None]:
        """Submit all requests or none; what has not ended afterwards is cancelled."""
        ids: list[int] = []
        try:
            for request, listener in zip(requests, listeners, strict=True):
                ids.append(self._engine.submit(request, listener))
            self._device.wake()
            yield
        finally:
            for each in ids:
                self._engine.cancel(each)
            self._device.wake()


def check_count(count: int, limit: int) -> None:
    """Refuse more choices in one request than the service can ever hold."""
    if count > limit:
        problem = (
            f"{count} choices; at most {limit} can run and wait (--max-running, --max-waiting)"
        )
        raise PolicyError("SSP_POLICY_LIMIT_EXCEEDED", problem=problem)


def _tell_loop(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Call something on the event loop, unless the service has ended."""
    try:
        loop.call_soon_threadsafe(call)
    except RuntimeError:
        if not loop.is_closed():
            raise
