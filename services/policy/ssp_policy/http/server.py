"""aiohttp's server, with coded errors for what never becomes a request."""

from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ssp_policy.errors import PolicyError
from ssp_policy.http.replies import error_reply


class _CodedProtocol(RequestHandler):
    """Answers bytes that are not HTTP with SSP_POLICY_HTTP_MALFORMED."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= 500 or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        problem = " ".join((message or str(exc)).split())[:200]
        reply = error_reply(PolicyError("SSP_POLICY_HTTP_MALFORMED", problem=problem))
        reply.force_close()
        return reply


class CodedRunner(web.AppRunner):
    """Runs an application on connections of this module's protocol."""

    __slots__ = ()

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _CodedServer
        return server


class _CodedServer(web.Server):
    def __call__(self) -> RequestHandler:
        arguments: dict[str, Any] = self._kwargs
        return _CodedProtocol(self, loop=self._loop, **arguments)
