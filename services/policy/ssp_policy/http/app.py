"""The routes, and what holds for all of them: access, readiness, coded errors, counting."""

import asyncio
import difflib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Middleware

from ssp_policy.errors import PolicyError, as_policy_error
from ssp_policy.http.access import check_access
from ssp_policy.http.handlers import Handlers
from ssp_policy.http.metrics import Metrics
from ssp_policy.http.replies import error_reply, json_reply
from ssp_policy.logs import log_failure
from ssp_policy.readiness import Readiness

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class AppState:
    """What the routes see of the service."""

    readiness: Readiness
    metrics: Metrics
    token: str | None
    handlers: Handlers | None = None
    """There once the model is loaded."""
    in_flight: int = 0
    """Requests that are being answered, those about the service's state left out."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is in flight."""

    def loaded(self) -> Handlers:
        """Give the handlers; raises SSP_POLICY_STOPPING or SSP_POLICY_NOT_READY."""
        self.readiness.check_takes_requests()
        assert self.handlers is not None
        return self.handlers


_ROUTES: dict[tuple[str, str], Callable[[Handlers], Handler]] = {
    ("POST", "/v1/completions"): lambda on: on.completions.post,
    ("POST", "/v1/chat/completions"): lambda on: on.chat.post,
    ("GET", "/v1/models"): lambda on: lambda _request: _models(on),
    ("GET", "/v1/facts"): lambda on: lambda _request: _facts(on),
    ("POST", "/v1/training/logprobs"): lambda on: on.training.log_probs,
    ("POST", "/v1/training/backward"): lambda on: on.training.backward,
    ("POST", "/v1/training/step"): lambda on: on.training.step,
    ("POST", "/v1/training/zero"): lambda on: on.training.zero,
    ("GET", "/v1/training/snapshots"): lambda on: on.training.list_snapshots,
    ("POST", "/v1/training/snapshots"): lambda on: on.training.add_snapshot,
    ("DELETE", "/v1/training/snapshots/{name}"): lambda on: on.training.drop_snapshot,
    ("POST", "/v1/training/save"): lambda on: on.training.save,
    ("POST", "/v1/training/load"): lambda on: on.training.load,
}
_STATE_PATHS = ("/health", "/ready", "/metrics")
_OPEN_PATHS = {"/health", "/ready"}


def create_app(state: AppState, max_body_bytes: int) -> web.Application:
    """Make the application; it answers about its state before the model is loaded."""
    state.idle.set()
    app = web.Application(
        client_max_size=max_body_bytes,
        middlewares=[_counting(state), _coding, _guarding(state)],
    )
    for (method, path), choose in _ROUTES.items():
        app.router.add_route(method, path, _when_loaded(state, choose))
    app.router.add_get("/health", _health(state), allow_head=False)
    app.router.add_get("/ready", _ready(state), allow_head=False)
    app.router.add_get("/metrics", _metrics(state), allow_head=False)
    return app


def _when_loaded(state: AppState, choose: Callable[[Handlers], Handler]) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await choose(state.loaded())(request)

    return answer


def _health(state: AppState) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return json_reply(state.readiness.body())

    return answer


def _ready(state: AppState) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return json_reply(
            state.readiness.body(), status=200 if state.readiness.state == "ready" else 503
        )

    return answer


def _metrics(state: AppState) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(
            body=state.metrics.text(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    return answer


async def _models(on: Handlers) -> web.Response:
    created = int(on.parts.loaded_at)
    names = on.parts.weights.names()
    rows = [
        {"id": name, "object": "model", "created": created, "owned_by": "ssp"} for name in names
    ]
    return json_reply({"object": "list", "data": rows})


async def _facts(on: Handlers) -> web.Response:
    return json_reply(on.parts.facts())


def _counting(state: AppState) -> Middleware:
    """Count requests and their time by route, and know when none is left."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        counts = request.path not in _STATE_PATHS
        started = time.monotonic()
        status = "gone"
        state.in_flight += counts
        state.idle.clear()
        try:
            response = await handler(request)
            status = str(response.status)
            return response
        finally:
            state.in_flight -= counts
            if state.in_flight == 0:
                state.idle.set()
            state.metrics.requests.labels(route, status).inc()
            state.metrics.request_seconds.labels(route).observe(time.monotonic() - started)

    return count


@web.middleware
async def _coding(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into a reply of the one shape."""
    try:
        return await handler(request)
    except (asyncio.CancelledError, ConnectionError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a code
        coded = _coded(request, error)
        if coded.code == "SSP_POLICY_INTERNAL":
            log_failure("request failed", error, method=request.method, path=request.path)
        return error_reply(coded)


def _guarding(state: AppState) -> Middleware:
    """Ask for the token."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in _OPEN_PATHS:
            check_access(request.headers.get("Authorization"), state.token)
        return await handler(request)

    return guard


def _coded(request: web.Request, error: Exception) -> PolicyError:
    if isinstance(error, web.HTTPNotFound):
        return _unknown_route(request)
    if isinstance(error, web.HTTPMethodNotAllowed):
        return PolicyError(
            "SSP_POLICY_METHOD_NOT_ALLOWED",
            path=request.path,
            method=error.method,
            allowed=", ".join(sorted(error.allowed_methods)),
        )
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return PolicyError("SSP_POLICY_BODY_TOO_LARGE", limit=request.client_max_size)
    if isinstance(error, web.RequestPayloadError | HttpProcessingError | web.HTTPException):
        return PolicyError("SSP_POLICY_HTTP_MALFORMED", problem=str(error))
    return as_policy_error(error)


def _unknown_route(request: web.Request) -> PolicyError:
    known = [path for _, path in _ROUTES] + list(_STATE_PATHS)
    near = difflib.get_close_matches(request.path, known, n=1)
    return PolicyError(
        "SSP_POLICY_ROUTE_UNKNOWN",
        method=request.method,
        path=request.path,
        hint=f" Did you mean {near[0]}?" if near else "",
    )
