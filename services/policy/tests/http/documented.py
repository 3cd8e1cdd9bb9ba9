"""What the OpenAPI document says of replies, for the tests to hold replies against."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from ssp_policy.http.app_state import AppState
from ssp_policy.http.metrics import Metrics
from ssp_policy.http.model_routes import model_routes
from ssp_policy.http.reply_schemas import Error, OpenAiError
from ssp_policy.http.route import Route
from ssp_policy.http.status_routes import description_routes, status_routes
from ssp_policy.readiness import Readiness


@cache
def documented_routes() -> list[Route]:
    state = AppState(Readiness(), Metrics(), None)
    routes = [*model_routes(state), *status_routes(state)]
    return [*routes, *description_routes(routes, state)]


def checked(method: str, path: str, status: int, raw: bytes) -> Any:
    """Give a reply that is as it is documented; an error without the frame of OpenAI's."""
    route = next((each for each in documented_routes() if _is_of(each, method, path)), None)
    if route is not None and status in {200, *route.other_statuses}:
        return _adapter(route.reply).validate_json(raw)
    if any(each.is_openai and each.path == path for each in documented_routes()):
        return _adapter(OpenAiError).validate_json(raw)["error"]
    return _adapter(Error).validate_json(raw)


def _is_of(route: Route, method: str, path: str) -> bool:
    prefix, parameter, _ = route.path.partition("{")
    fits = path.startswith(prefix) if parameter else path == prefix
    return route.method == method and fits


@cache
def _adapter(schema: Any) -> TypeAdapter[Any]:
    return TypeAdapter(schema)
