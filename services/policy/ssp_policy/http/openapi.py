"""The OpenAPI document, made from the schemas that read the requests."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from ssp_policy import VERSION
from ssp_policy.errors import CATALOGUE
from ssp_policy.http.reply_schemas import Error, OpenAiError
from ssp_policy.http.route import Route
from ssp_policy.http.schemas import has_required_field

SERVICE_NAME = "ssp policy service"
Json = dict[str, Any]
Schemas = dict[tuple[Any, JsonSchemaMode], Json]
_STATUSES = ", ".join(
    str(status) for status in sorted({row["status"] for row in CATALOGUE.values()})
)


class _WithoutTitles(GenerateJsonSchema):
    """Leaves out the titles of fields, which repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's
        return False


def openapi_document(routes: Sequence[Route], *, needs_token: bool) -> Json:
    """Give the OpenAPI 3.1 document of `routes`."""
    schemas, components = _schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        operation = _operation(route, schemas, needs_token=needs_token)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    token = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": SERVICE_NAME,
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components} | (token if needs_token else {}),
    }


def _schemas(routes: Sequence[Route]) -> tuple[Schemas, Json]:
    """Give the schema of each body and reply, and those that they refer to by name."""
    bodies = [route.body for route in routes if route.body is not None]
    replies = [route.reply for route in routes if route.reply is not None]
    schemas, defined = TypeAdapter.json_schemas(
        [
            *((body, "validation", TypeAdapter(body)) for body in bodies),
            *(
                (reply, "serialization", TypeAdapter(reply))
                for reply in [*replies, Error, OpenAiError]
            ),
        ],
        ref_template="#/components/schemas/{model}",
        schema_generator=_WithoutTitles,
    )
    return schemas, defined["$defs"]


def _operation(route: Route, schemas: Schemas, *, needs_token: bool) -> Json:
    operation: Json = {"summary": route.summary}
    if needs_token and not route.is_open:
        operation["security"] = [{"token": []}]
    names = re.findall(r"\{(\w+)\}", route.path)
    if names:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    if route.body is not None:
        operation["requestBody"] = {
            "required": has_required_field(route.body),
            "content": _json(schemas[route.body, "validation"]),
        }
    error = OpenAiError if route.is_openai else Error
    content = _reply_content(route, schemas)
    descriptions = {200: "Done", **route.other_statuses}
    operation["responses"] = {
        **{
            str(status): {"description": text, "content": content}
            for status, text in descriptions.items()
        },
        "default": {
            "description": f"An error of the catalogue; its status is one of {_STATUSES}",
            "content": _json(schemas[error, "serialization"]),
        },
    }
    return operation


def _reply_content(route: Route, schemas: Schemas) -> Json:
    text = {"schema": {"type": "string"}}
    if route.reply is None:
        return {"text/plain": text}
    content = _json(schemas[route.reply, "serialization"])
    return content | {"text/event-stream": text} if route.can_stream else content


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}
