"""The routes about the service itself, the same as those of the search service."""

import asyncio
from dataclasses import replace
from functools import cache

from aiohttp import web

from ssp_policy import VERSION
from ssp_policy.http import reply_schemas as replies
from ssp_policy.http.app_state import AppState
from ssp_policy.http.openapi import SERVICE_NAME, openapi_document
from ssp_policy.http.replies import encode, json_reply
from ssp_policy.http.route import Handler, Route
from ssp_policy.readiness import Readiness

_EXAMPLE = (
    "curl -s {url}/v1/completions -H 'content-type: application/json' "
    '-d \'{{"prompt": "The capital of France is", "max_tokens": 8, "temperature": 0}}\''
)
"""A first request, as it is typed."""


def status_routes(state: AppState) -> list[Route]:
    """Give /healthz, /readyz and /metrics; the first two also without their last letter."""
    metrics = Route("GET", "/metrics", "Metrics in the text format of Prometheus", _metrics(state))
    return [*liveness_routes(state.readiness), metrics]


def liveness_routes(readiness: Readiness) -> list[Route]:
    """Give /healthz and /readyz, also without their last letter."""
    health = Route(
        "GET",
        "/healthz",
        "The process lives",
        _health(readiness),
        reply=replies.Health,
        is_open=True,
    )
    ready = Route(
        "GET",
        "/readyz",
        "200 when requests are answered, else 503 with the progress of loading",
        _ready(readiness),
        reply=replies.Ready,
        other_statuses={503: "Not ready"},
        is_open=True,
    )
    return [health, _alias("/health", health), ready, _alias("/ready", ready)]


def description_routes(routes: list[Route], state: AppState) -> list[Route]:
    """Give / and /openapi.json, which describe `routes` as it is once they have joined it."""
    return [
        Route(
            "GET",
            "/",
            "What this service is, and its routes",
            _about(routes, state),
            reply=replies.About,
            is_open=True,
        ),
        Route(
            "GET",
            "/openapi.json",
            "The OpenAPI document of this service",
            _openapi(routes, needs_token=state.token is not None),
            reply=dict[str, object],
        ),
    ]


def _alias(path: str, route: Route) -> Route:
    """Give the same operation under another path."""
    return replace(route, path=path, summary=f"The same as GET {route.path}", alias_of=route.path)


def _health(readiness: Readiness) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        body = {"status": "ok", "version": VERSION}
        return json_reply(body | readiness.short_body())

    return answer


def _ready(readiness: Readiness) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        body = readiness.body()
        if body["status"] == "ready":
            return json_reply(body)
        return json_reply(body, status=503, headers={"Retry-After": "1"})

    return answer


def _metrics(state: AppState) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(
            body=state.metrics.text(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    return answer


def _about(routes: list[Route], state: AppState) -> Handler:
    access = "without a token"
    if state.token is not None:
        access = "a token, in the header `authorization: Bearer <token>`"

    async def answer(request: web.Request) -> web.Response:
        named = [route for route in routes if route.alias_of is None]
        body = {
            "service": SERVICE_NAME,
            "version": VERSION,
            "status": state.readiness.state,
            "access": access,
            "routes": {f"{route.method} {route.path}": route.summary for route in named},
            "example": _EXAMPLE.format(url=f"{request.scheme}://{request.host}"),
            "documents": {
                "tasks": "docs/tasks.md",
                "openapi": "/openapi.json",
                "guide": "docs/policy-service.md",
                "errors": "ERRORS.md",
            },
        }
        return web.Response(body=encode(body, indent=2) + b"\n", content_type="application/json")

    return answer


def _openapi(routes: list[Route], *, needs_token: bool) -> Handler:
    @cache
    def document() -> bytes:
        return encode(openapi_document(routes, needs_token=needs_token))

    async def answer(_request: web.Request) -> web.Response:
        body = await asyncio.to_thread(document)
        return web.Response(body=body, content_type="application/json")

    return answer
