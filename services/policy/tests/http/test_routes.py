"""What a service says of itself and of its routes; test/services holds both services to it."""

import asyncio
import tomllib
from pathlib import Path

from documented import documented_routes
from served import served

from ssp_policy import VERSION

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
TOKEN = "a-token-of-some-length"


def test_the_version_is_that_of_the_package():
    assert tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"] == VERSION


def test_routes_and_methods_that_do_not_exist(model_folder):
    async def main():
        async with served(model_folder) as client:
            error = await client.post("/v1/training/stepp", 404)
            assert error["code"] == "SSP_POLICY_ROUTE_UNKNOWN"
            assert "Did you mean /v1/training/step?" in error["message"]
            assert "Did you mean" not in (await client.get("/x", 404))["message"]
            error = await client.get("/v1/training/step", 405)
            assert error["code"] == "SSP_POLICY_METHOD_NOT_ALLOWED"
            assert error["remedy"] == "Use POST."
            error = await client.post("/v1/models", 405)
            assert error["type"] == "invalid_request_error", "an OpenAI client understands it"
            allowed = {"/v1/training/snapshots": "GET, HEAD, POST", "/v1/completions": "POST"}
            for path, methods in allowed.items():
                async with client.session.put(path) as response:
                    assert (response.status, response.headers["Allow"]) == (405, methods)

    asyncio.run(main())


def test_the_document_names_every_route_that_is_served(model_folder):
    async def main():
        async with served(model_folder, load=False, token=TOKEN) as client:
            paths = (await client.get("/openapi.json"))["paths"]
            documented = {(name.upper(), path) for path, item in paths.items() for name in item}
            router = client.service._runner.app.router
            served_routes = {
                (route.method, route.resource.canonical)
                for route in router.routes()
                if route.method != "HEAD" and route.resource is not None
            }
            assert documented == served_routes
            assert documented == {(route.method, route.path) for route in documented_routes()}
            open_paths = [
                path
                for path, item in paths.items()
                if any("security" not in operation for operation in item.values())
            ]
            assert sorted(open_paths) == ["/", "/health", "/healthz", "/ready", "/readyz"]

    asyncio.run(main())


def test_the_document_has_the_schemas_that_read_the_requests(model_folder):
    async def main():
        async with served(model_folder, load=False) as client:
            document = await client.get("/openapi.json")
            post = document["paths"]["/v1/training/step"]["post"]
            body = post["requestBody"]["content"]["application/json"]["schema"]
            assert body == {"$ref": "#/components/schemas/StepRequest"}
            step = document["components"]["schemas"]["StepRequest"]
            assert step["required"] == ["lr"]
            assert step["additionalProperties"] is False
            assert step["properties"]["eps"] == {
                "type": "number",
                "exclusiveMinimum": 0,
                "default": 1e-8,
            }
            assert "description" in step["properties"]["max_grad_norm"]
            errors = {
                path: post["responses"]["default"]["content"]["application/json"]["schema"]["$ref"]
                for path, item in document["paths"].items()
                if (post := item.get("post"))
            }
            framed = [path for path, schema in errors.items() if schema.endswith("/OpenAiError")]
            assert framed == ["/v1/completions", "/v1/chat/completions"]

    asyncio.run(main())


def test_the_first_page_names_the_routes(model_folder):
    async def main():
        async with served(model_folder, load=False) as client:
            about = await client.get("/")
            assert about["service"] == "ssp policy service"
            assert (about["version"], about["status"]) == (VERSION, "loading")
            assert "POST /v1/training/step" in about["routes"]
            assert "GET /healthz" in about["routes"]
            assert "GET /health" not in about["routes"], "an old name"

    asyncio.run(main())


def test_clients_of_earlier_versions_find_their_paths_and_keys(model_folder):
    async def main():
        async with served(model_folder, load=False) as client:
            earlier = {"ready": False, "state": "loading", "progress": 0, "what": "starting"}
            paths = (("/health", "/healthz", 200), ("/ready", "/readyz", 503))
            for path, new_path, status in paths:
                reply = await client.get(path, status)
                assert reply | earlier == reply
                assert reply == await client.get(new_path, status)
            await client.service.load()
            for path in ("/health", "/ready"):
                reply = await client.get(path)
                assert (reply["ready"], reply["state"]) == (True, "ready")

    asyncio.run(main())


def test_head_is_get_without_a_body(model_folder):
    async def main():
        async with served(model_folder, load=False) as client:
            for path in ("/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/models"):
                async with client.session.get(path) as whole, client.session.head(path) as head:
                    assert head.status == whole.status
                    assert head.content_type == whole.content_type
                    assert await head.read() == b""

    asyncio.run(main())
