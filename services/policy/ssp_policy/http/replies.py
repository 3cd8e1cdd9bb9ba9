"""Replies: JSON bodies, coded errors, and server-sent events."""

from typing import Any

from aiohttp import web
from pydantic_core import to_json

from ssp_policy.errors import PolicyError

_ENDING = {"SSP_POLICY_REQUEST_TIMEOUT", "SSP_POLICY_TOO_MANY_CONNECTIONS"}
"""After these nothing more is read from the connection."""


def json_reply(
    body: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """Give a JSON reply; NaN and infinities become null."""
    return web.Response(
        body=encode(body), status=status, headers=headers, content_type="application/json"
    )


def error_reply(error: PolicyError, *, is_openai: bool = False) -> web.Response:
    """Give an error in the shape of all services of the project, or in that of OpenAI."""
    headers: dict[str, str] = {}
    if error.status in {429, 503}:
        headers["Retry-After"] = "1"
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = error.openai_body() if is_openai else error.body()
    reply = json_reply(body, status=error.status, headers=headers)
    if error.code in _ENDING:
        reply.force_close()
    return reply


def encode(body: Any, *, indent: int | None = None) -> bytes:
    """Give JSON in UTF-8; without line breaks, unless indented for people."""
    return to_json(body, inf_nan_mode="null", indent=indent)


class EventStream:
    """A reply of server-sent events; headers go out with the first one."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
            }
        )

    @property
    def begun(self) -> bool:
        """Tell whether headers are out, so that no status can be given any more."""
        return self._response.prepared

    async def send(self, body: Any) -> None:
        """Send one event of JSON."""
        await self._write(encode(body))

    async def end(self) -> web.StreamResponse:
        """Send what OpenAI's clients know as the end."""
        await self._write(b"[DONE]")
        await self._response.write_eof()
        return self._response

    async def _write(self, data: bytes) -> None:
        if not self._response.prepared:
            await self._response.prepare(self._request)
        await self._response.write(b"data: " + data + b"\n\n")
