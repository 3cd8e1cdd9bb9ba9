"""aiohttp's server with bounds on its connections, and coded errors for what becomes no request."""

import asyncio
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ssp_policy.errors import PolicyError, shown
from ssp_policy.http.replies import encode, error_reply

_KEEP_ALIVE_SECONDS = 75.0
"""For a connection on which nothing is under way; it is closed without a word."""
_SURPLUS_SECONDS = 2.0
_SURPLUS_SHARE = 2
_PROBLEM_LENGTH = 200


@dataclass(frozen=True)
class ConnectionLimits:
    """Of one server. Connections beyond `most` have two seconds to be told so.

    Beyond twice as many they are closed at once.
    """

    most: int
    request_seconds: float
    """For the head of a request to arrive whole."""


class CodedProtocol(RequestHandler):
    """One connection.

    Answers bytes that are not HTTP with SSP_POLICY_HTTP_MALFORMED, and a head that does not end in
    time with SSP_POLICY_REQUEST_TIMEOUT. What says nothing gets no reply.
    """

    __slots__ = ("_end", "is_surplus", "limits")

    def __init__(self, manager: web.Server, *, limits: ConnectionLimits, **arguments: Any) -> None:
        super().__init__(manager, **arguments)
        self.limits = limits
        self.is_surplus = False
        """Whether the connection was one too many when it came."""
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        super().connection_made(transport)
        assert self._manager is not None
        count = len(self._manager.connections)
        self.is_surplus = count > self.limits.most
        if count > _SURPLUS_SHARE * self.limits.most:
            self.force_close()
        elif self.is_surplus:
            self._end = self._loop.call_later(_SURPLUS_SECONDS, self.force_close)

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that begin a request and do not end its head set its time running."""
        requests = self._request_count
        super().data_received(data)
        if self.is_surplus:
            return
        if self._request_count > requests:
            self._stop_timer()
        elif self._end is None and self._waits_for_request():
            self._end = self._loop.call_later(self.limits.request_seconds, self._tell_timeout)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End what waits for the connection."""
        self._stop_timer()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Give the reply to what is no request; a failure of a request is coded elsewhere."""
        if status >= 500 or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        problem = shown(" ".join((message or str(exc)).split()), _PROBLEM_LENGTH)
        reply = error_reply(PolicyError("SSP_POLICY_HTTP_MALFORMED", problem=problem))
        reply.force_close()
        return reply

    def _waits_for_request(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _tell_timeout(self) -> None:
        if self._waits_for_request() and self.transport is not None:
            body = encode(PolicyError("SSP_POLICY_REQUEST_TIMEOUT").body())
            head = (
                "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
            self.force_close()

    def _stop_timer(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None


class CodedRunner(web.AppRunner):
    """Runs an application on connections of this module's protocol."""

    __slots__ = ()

    def __init__(self, app: web.Application, limits: ConnectionLimits, **arguments: Any) -> None:
        super().__init__(app, keepalive_timeout=_KEEP_ALIVE_SECONDS, limits=limits, **arguments)

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _CodedServer
        return server


async def open_port(runner: CodedRunner, host: str, port: int) -> str:
    """Listen, and give the address as a URL; raises SSP_POLICY_ADDRESS_UNAVAILABLE."""
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    try:
        await site.start()
    except (OSError, UnicodeError) as error:
        await runner.cleanup()
        problem = getattr(error, "strerror", None) or str(error)
        raise PolicyError(
            "SSP_POLICY_ADDRESS_UNAVAILABLE", host=host, port=port, problem=problem
        ) from error
    taken, port = runner.addresses[0][:2]
    return f"http://{f'[{taken}]' if ':' in taken else taken}:{port}"


class _CodedServer(web.Server):
    def __call__(self) -> RequestHandler:
        arguments: dict[str, Any] = self._kwargs
        return CodedProtocol(self, loop=self._loop, **arguments)
