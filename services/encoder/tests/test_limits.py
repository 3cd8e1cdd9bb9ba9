"""What is refused, and how the server stops."""

import ast
import asyncio
import re
from pathlib import Path

import pytest
from served_encoder import held_device, served

from ssp_encoder.__main__ import server_key
from ssp_policy.errors import CATALOGUE, PolicyError

KEY = "a-key-of-some-length"


def test_wrong_requests_are_refused_with_a_code(folder):
    cases = [
        (400, "SSP_POLICY_REQUEST_INVALID", {"input": []}),
        (400, "SSP_POLICY_REQUEST_INVALID", {"input": ["a"] * 2049}),
        (400, "SSP_POLICY_REQUEST_INVALID", {"input": [[1, 2]]}),
        (400, "SSP_POLICY_REQUEST_INVALID", {"input": "a", "dimensions": 8}),
        (400, "SSP_POLICY_REQUEST_INVALID", {"input": "a", "inputs": "b"}),
        (404, "SSP_POLICY_MODEL_UNKNOWN", {"input": "a", "model": "other"}),
        (413, "SSP_POLICY_BODY_TOO_LARGE", {"input": "a" * 100_000}),
    ]

    async def run():
        async with served(folder) as client:
            for status, code, body in cases:
                assert (await client.embed(status, **body))["code"] == code, body
            assert (await client.request("GET", "/v1/nothing", 404))["code"] == (
                "SSP_POLICY_ROUTE_UNKNOWN"
            )
            assert len(await client.vectors(["a"])) == 1, "it goes on"

    asyncio.run(run())


def test_texts_beyond_the_limit_are_asked_for_later(folder):
    async def run():
        async with served(folder, max_waiting=8) as client:
            async with held_device(client):
                waiting = asyncio.create_task(client.vectors(["a"] * 8))
                await client.until_waiting(8)
                refused = await client.embed(429, input="b")
                assert refused["code"] == "SSP_ENCODER_SERVER_QUEUE_FULL"
                assert client.headers["Retry-After"] == "1"
            assert len(await waiting) == 8
            assert len(await client.vectors(["a"] * 9)) == 9, "one request is taken in any case"

    asyncio.run(run())


def test_it_says_that_it_is_loading_and_what_it_serves(folder):
    async def run():
        async with served(folder, load=False) as client:
            assert (await client.request("GET", "/readyz", 503))["status"] == "loading"
            assert (await client.embed(503, input="a"))["code"] == "SSP_POLICY_NOT_READY"
            await client.request("GET", "/healthz", 200)
            await client.service.load()
            assert (await client.request("GET", "/readyz", 200))["status"] == "ready"
            models = await client.request("GET", "/v1/models", 200)
            assert [row["id"] for row in models["data"]] == ["tiny"]

    asyncio.run(run())


def test_a_stopping_server_ends_what_it_has_taken_and_takes_no_more(folder):
    async def run():
        async with served(folder, batch_tokens=1) as client:
            async with held_device(client) as gate:
                waiting = asyncio.create_task(client.vectors(["a", "b", "c", "d"]))
                await client.until_waiting(4)
                stopping = asyncio.create_task(client.service.stop())
                await asyncio.sleep(0)
                assert (await client.embed(503, input="a"))["code"] == "SSP_POLICY_STOPPING"
                gate.set()
                assert len(await waiting) == 4
            assert await stopping

    asyncio.run(run())


def test_a_caller_that_goes_gives_its_place_back(folder):
    async def run():
        async with served(folder) as client, held_device(client):
            waiting = asyncio.create_task(client.vectors(["a"] * 8))
            await client.until_waiting(8)
            waiting.cancel()
            await client.until_waiting(0)

    asyncio.run(run())


def test_web_pages_and_callers_without_the_key_are_refused(folder):
    async def run():
        async with served(folder, key=KEY) as client:
            assert (await client.embed(401, input="a"))["code"] == "SSP_POLICY_UNAUTHORIZED"
            headers = {"Authorization": f"Bearer {KEY}"}
            body = {"model": "tiny", "input": "a"}
            await client.request("POST", "/v1/embeddings", 200, json=body, headers=headers)
            await client.request("GET", "/readyz", 200)
            page = headers | {"Origin": "https://page.example"}
            refused = await client.request("POST", "/v1/embeddings", 403, json=body, headers=page)
            assert refused["code"] == "SSP_POLICY_ORIGIN_REFUSED"
            named = headers | {"Host": "page.example"}
            refused = await client.request("POST", "/v1/embeddings", 403, json=body, headers=named)
            assert refused["code"] == "SSP_POLICY_HOST_REFUSED"

    asyncio.run(run())


def test_other_machines_need_a_key():
    assert server_key("127.0.0.1", {}) is None
    assert server_key("0.0.0.0", {"SSP_EMBEDDINGS_KEY": f" {KEY}\n"}) == KEY
    for environment, code in [
        ({}, "SSP_ENCODER_SERVER_KEY_REQUIRED"),
        ({"SSP_EMBEDDINGS_KEY": "short"}, "SSP_POLICY_TOKEN_INVALID"),
    ]:
        with pytest.raises(PolicyError, match=code):
            server_key("0.0.0.0", environment)


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("config.json", '{"model_type": "gpt2"}', "gpt2 is none of bert"),
        ("tokenizer.json", "{", "Exception"),
        ("model.safetensors", "no weights", "Error"),
    ],
)
def test_a_folder_that_cannot_be_served_is_told(folder, tmp_path, file, text, problem):
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / file).write_text(text)

    async def run():
        async with served(tmp_path, load=False) as client:
            with pytest.raises(PolicyError, match=problem) as error:
                await client.service.load()
            assert error.value.code == "SSP_ENCODER_SERVER_MODEL"
            body = await client.request("GET", "/readyz", 503)
            assert body["code"] == "SSP_ENCODER_SERVER_MODEL"

    asyncio.run(run())


def test_every_error_in_the_code_gives_what_its_texts_ask_for():
    seen = 0
    for path in (Path(__file__).parents[1] / "ssp_encoder").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PolicyError":
                seen += 1
                row = CATALOGUE[ast.literal_eval(node.args[0])]
                asked = set(re.findall(r"\{(\w+)\}", row["message"] + row["remedy"]))
                assert {keyword.arg for keyword in node.keywords} - {"param"} == asked
    assert seen > 4
