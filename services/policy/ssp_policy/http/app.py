"""The application of the policy service: its routes, and the counting of requests."""

import time
from collections.abc import Collection

from aiohttp import web
from aiohttp.typedefs import Middleware

from ssp_policy.http.app_state import AppState
from ssp_policy.http.middleware import coding, guarding
from ssp_policy.http.model_routes import model_routes
from ssp_policy.http.route import Handler
from ssp_policy.http.schemas import REQUEST_SECONDS
from ssp_policy.http.status_routes import description_routes, status_routes
from ssp_policy.http.web_access import WebAccess
from ssp_policy.settings import Settings


def create_app(state: AppState, settings: Settings) -> web.Application:
    """Make the application; it answers about its state before the model is loaded."""
    state.idle.set()
    work, about_itself = model_routes(state), status_routes(state)
    routes = [*work, *about_itself]
    routes += description_routes(routes, state)
    access = WebAccess(settings)
    app = web.Application(
        client_max_size=settings.max_body_bytes,
        middlewares=[
            _counting(state, {route.path for route in routes} - {route.path for route in work}),
            coding(routes),
            guarding(access, {route.path for route in routes if route.is_open}, state.token),
        ],
    )
    app[REQUEST_SECONDS] = settings.request_timeout_seconds
    app.on_response_prepare.append(access.add_headers)
    for route in routes:
        if route.method == "GET":
            app.router.add_get(route.path, route.answer)
        else:
            app.router.add_route(route.method, route.path, route.answer)
    return app


def _counting(state: AppState, paths_about_itself: Collection[str]) -> Middleware:
    """Count requests and their time by route, and know when none is left."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        counts = request.path not in paths_about_itself
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
