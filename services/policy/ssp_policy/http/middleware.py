"""What holds for every route of a service: access, and coded errors."""

import asyncio
from collections.abc import Collection, Sequence

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Middleware

from ssp_policy.errors import PolicyError, as_policy_error, shown
from ssp_policy.http.access import check_access
from ssp_policy.http.field_problems import nearest
from ssp_policy.http.replies import error_reply
from ssp_policy.http.route import Handler, Route
from ssp_policy.http.server import CodedProtocol
from ssp_policy.http.web_access import WebAccess
from ssp_policy.logs import log_failure

_SHOWN_PATH = 200


def coding(routes: Sequence[Route]) -> Middleware:
    """Turn every error into a reply with a code, in the dialect of its path."""
    openai_paths = {route.path for route in routes if route.is_openai}

    @web.middleware
    async def code(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (asyncio.CancelledError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a code
            coded = _coded(request, error, routes)
            if coded.code == "SSP_POLICY_INTERNAL":
                log_failure("request failed", error, method=request.method, path=request.path)
            reply = error_reply(coded, is_openai=request.path in openai_paths)
            if isinstance(error, web.HTTPMethodNotAllowed):
                reply.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
            return reply

    return code


def guarding(access: WebAccess, open_paths: Collection[str], token: str | None) -> Middleware:
    """Refuse foreign web pages, one connection too many, and callers without the token."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if reply := access.check(request):
            return reply
        connection = request.protocol
        assert isinstance(connection, CodedProtocol)
        if request.path not in open_paths and connection.is_surplus:
            limit = connection.limits.most
            raise PolicyError("SSP_POLICY_TOO_MANY_CONNECTIONS", limit=limit)
        if request.path not in open_paths:
            check_access(request.headers.get("Authorization"), token)
        return await handler(request)

    return guard


def _coded(request: web.Request, error: Exception, routes: Sequence[Route]) -> PolicyError:
    if isinstance(error, web.HTTPNotFound):
        return _unknown_route(request, routes)
    if isinstance(error, web.HTTPMethodNotAllowed):
        return PolicyError(
            "SSP_POLICY_METHOD_NOT_ALLOWED",
            path=shown(request.path, _SHOWN_PATH),
            method=shown(error.method),
            allowed=" or ".join(sorted(error.allowed_methods)),
        )
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return PolicyError("SSP_POLICY_BODY_TOO_LARGE", limit=request.client_max_size)
    if isinstance(error, web.RequestPayloadError | HttpProcessingError | web.HTTPException):
        return PolicyError("SSP_POLICY_HTTP_MALFORMED", problem=shown(str(error), _SHOWN_PATH))
    return as_policy_error(error)


def _unknown_route(request: web.Request, routes: Sequence[Route]) -> PolicyError:
    known = [route.path for route in routes if route.path != "/"]
    near = nearest(request.path, known)
    return PolicyError(
        "SSP_POLICY_ROUTE_UNKNOWN",
        method=shown(request.method),
        path=shown(request.path, _SHOWN_PATH),
        hint=f" Did you mean {near}?" if near else "",
    )
