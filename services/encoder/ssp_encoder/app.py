"""The application: routes, access and coded errors as the policy service has them."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Middleware

from ssp_encoder.embeddings import Embeddings
from ssp_encoder.schemas import EmbeddingsRequest
from ssp_encoder.settings import Settings
from ssp_policy.http.middleware import coding, guarding
from ssp_policy.http.replies import json_reply
from ssp_policy.http.route import Handler, Route
from ssp_policy.http.schemas import REQUEST_SECONDS
from ssp_policy.http.status_routes import liveness_routes
from ssp_policy.http.web_access import WebAccess
from ssp_policy.readiness import Readiness


@dataclass
class AppState:
    """One server, from its open port to its end."""

    readiness: Readiness = field(default_factory=Readiness)
    embeddings: Embeddings | None = None
    """There once the model is loaded."""
    in_flight: int = 0
    """Requests for vectors that are being answered."""
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while none is in flight."""

    def loaded(self) -> Embeddings:
        """Give what answers; raises SSP_POLICY_STOPPING or SSP_POLICY_NOT_READY."""
        self.readiness.check_takes_requests()
        assert self.embeddings is not None
        return self.embeddings


def create_app(state: AppState, settings: Settings, key: str | None) -> web.Application:
    """Make the application; it answers about its state before the model is loaded."""
    state.idle.set()
    routes = _routes(state, settings)
    access = WebAccess(settings)
    app = web.Application(
        client_max_size=settings.max_body_bytes,
        middlewares=[
            _counting(state),
            coding(routes),
            guarding(access, {route.path for route in routes if route.is_open}, key),
        ],
    )
    app[REQUEST_SECONDS] = settings.request_timeout_seconds
    app.on_response_prepare.append(access.add_headers)
    for route in routes:
        app.router.add_route(route.method, route.path, route.answer)
    return app


def _routes(state: AppState, settings: Settings) -> list[Route]:
    async def embed(request: web.Request) -> web.StreamResponse:
        return await state.loaded().post(request)

    async def models(_request: web.Request) -> web.StreamResponse:
        row = {"id": settings.name, "object": "model", "created": 0, "owned_by": "ssp"}
        return json_reply({"object": "list", "data": [row]})

    return [
        Route(
            "POST",
            "/v1/embeddings",
            "Vectors of texts, in OpenAI's shape",
            embed,
            body=EmbeddingsRequest,
            is_openai=True,
        ),
        Route("GET", "/v1/models", "The model, in OpenAI's shape", models, is_openai=True),
        *liveness_routes(state.readiness),
    ]


def _counting(state: AppState) -> Middleware:
    """Know when no request for vectors is left."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        counts = request.method == "POST"
        state.in_flight += counts
        if state.in_flight > 0:
            state.idle.clear()
        try:
            return await handler(request)
        finally:
            state.in_flight -= counts
            if state.in_flight == 0:
                state.idle.set()

    return count
