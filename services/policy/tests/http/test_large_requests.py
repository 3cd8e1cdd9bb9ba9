"""Large bodies with something wrong in them: a short error, whatever they were made of."""

import asyncio
import json

import aiohttp
import pytest
from served import served

from ssp_policy.errors import PolicyError
from ssp_policy.http.sampling_schemas import ChatRequest, CompletionRequest
from ssp_policy.http.schemas import (
    BackwardRequest,
    LoadRequest,
    LogProbsRequest,
    StepRequest,
    parse_body,
)

SIZE = 13_000_000
LARGEST_ERROR = 2_000
LONG = "x" * SIZE
DIGITS = "9" * 1_000_000


def keys(length: int) -> str:
    return ",".join(f'"{i:{length}}":1' for i in range(SIZE // (length + 5)))


CODES = {
    "SSP_POLICY_REQUEST_INVALID",
    "SSP_POLICY_BODY_MALFORMED",
    "SSP_POLICY_LIMIT_EXCEEDED",
}
BODIES = {
    "a long field": (CompletionRequest, lambda: f'{{"prompt": [1], "{LONG}": 1}}'),
    "a long field of many names": (StepRequest, lambda: f'{{"lr": 1, "{"lr." * 900_000}": 1}}'),
    "many fields": (StepRequest, lambda: f'{{"lr": 1, {keys(8)}}}'),
    "many long fields": (CompletionRequest, lambda: f'{{"prompt": [1], {keys(300)}}}'),
    "many fields of a sequence": (LogProbsRequest, lambda: f'{{"sequences": [{{{keys(300)}}}]}}'),
    "mixed prompts": (CompletionRequest, lambda: f'{{"prompt": [{"1,[],null," * 1_300_000}1]}}'),
    "wrong sequences": (LogProbsRequest, lambda: f'{{"sequences": [{"1," * (SIZE // 2)}1]}}'),
    "wrong tokens": (
        LogProbsRequest,
        lambda: f'{{"sequences": [{{"tokens": [{"-1," * (SIZE // 3)}1]}}]}}',
    ),
    "wrong weights": (
        BackwardRequest,
        lambda: f'{{"sequences": [{{"tokens": [1], "weights": [{"[]," * (SIZE // 3)}1]}}]}}',
    ),
    "wrong messages": (ChatRequest, lambda: f'{{"messages": [{"{}," * (SIZE // 3)}1]}}'),
    "nested lists": (CompletionRequest, lambda: f'{{"prompt": {"[" * SIZE}{"]" * SIZE}}}'),
    "a long choice": (ChatRequest, lambda: f'{{"messages": [], "tool_choice": "{LONG}"}}'),
    "a long name": (LoadRequest, lambda: f'{{"name": "{LONG}"}}'),
    "a long number": (CompletionRequest, lambda: f'{{"prompt": [1], "n": {DIGITS}}}'),
    "a number of 4300 digits": (CompletionRequest, lambda: f'{{"prompt": [{DIGITS[:4300]}]}}'),
    "a text that does not end": (LoadRequest, lambda: f'{{"name": "{LONG}'),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_large_body_gets_a_short_error(name):
    schema, body = BODIES[name]
    with pytest.raises(PolicyError) as caught:
        parse_body(body().encode(), schema)
    assert caught.value.code in CODES
    assert caught.value.status == 400
    for shape in (caught.value.body(), caught.value.openai_body()):
        assert len(json.dumps(shape)) <= LARGEST_ERROR


def test_what_a_request_names_is_not_repeated_whole(model_folder):
    name = "x" * 7_000

    async def check(response: aiohttp.ClientResponse, status: int) -> None:
        raw = await response.read()
        assert response.status == status, raw
        assert len(raw) <= LARGEST_ERROR

    async def main():
        async with served(model_folder) as client:
            http = client.session
            body = {"prompt": [1], "model": name * 100}
            await check(await http.post("/v1/completions", json=body), 404)
            await check(await http.get(f"/{name}"), 404)
            await check(await http.delete(f"/v1/training/snapshots/{name}"), 404)
            await check(await http.put(f"/v1/training/snapshots/{name}"), 405)
            await check(await http.request(name, "/v1/models"), 400)
            key = {"lr": 1, "idempotency_key": name}
            await check(await http.post("/v1/training/step", json=key), 400)

    asyncio.run(main())


def test_no_number_of_a_request_fails_the_batch_that_it_is_in(model_folder):
    """Such a number does not fit into a tensor, or is no index of one."""
    long = {"max_tokens": 400, "ignore_eos": True}

    async def main():
        async with served(model_folder) as client:
            others = asyncio.create_task(client.complete([1], n=4, **long))
            await client.wait_for(running_requests=4)
            refused = await client.post("/v1/completions", 400, prompt=[1], top_k=2**70)
            assert refused["code"] == "SSP_POLICY_REQUEST_INVALID"
            odd = {"stop_token_ids": [2**31 - 1, 512], "min_tokens": 3, "top_k": 2**31 - 1}
            assert await client.complete([1], max_tokens=4, **odd)
            assert len(await others) == 4

    asyncio.run(main())
