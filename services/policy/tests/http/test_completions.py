import asyncio
import hashlib

import aiohttp
import pytest
import torch
from served import served
from transformers import AutoModelForCausalLM, AutoTokenizer

from ssp_policy.parts import derive_seed

PROMPT = [70, 71, 72, 300]


def test_greedy_tokens_are_those_of_transformers(model_folder):
    prompts = [PROMPT, [5, 6], [300, 301, 302, 303, 304, 305]]
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    expected = []
    for prompt in prompts:
        output = model.generate(
            torch.tensor([prompt]), max_new_tokens=12, do_sample=False, eos_token_id=None
        )
        expected.append(output[0, len(prompt) :].tolist())

    async def main():
        async with served(model_folder) as client:
            reply = await client.post(
                "/v1/completions",
                prompt=prompts,
                max_tokens=12,
                temperature=0,
                ignore_eos=True,
                return_token_ids=True,
            )
        choices = reply["choices"]
        assert [choice["token_ids"] for choice in choices] == expected
        assert [choice["prompt_token_ids"] for choice in choices] == prompts
        assert [choice["index"] for choice in choices] == [0, 1, 2]
        assert {choice["finish_reason"] for choice in choices} == {"length"}
        assert reply["usage"]["prompt_tokens"] == 12
        assert reply["usage"]["completion_tokens"] == 36
        assert reply["usage"]["total_tokens"] == 48
        assert reply["ssp"]["weights_version"].startswith("policy@")

    asyncio.run(main())


def test_a_text_prompt_is_the_tokenizers_ids(model_folder):
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    text = "the river and the city"

    async def main():
        async with served(model_folder) as client:
            (choice,) = await client.complete(text, max_tokens=3, temperature=0)
            assert choice["prompt_token_ids"] == tokenizer(text)["input_ids"]
            several = await client.complete([text, "a"], max_tokens=3, temperature=0)
            assert several[0]["token_ids"] == choice["token_ids"]
            assert choice["text"] == tokenizer.decode(choice["token_ids"], skip_special_tokens=True)

    asyncio.run(main())


def test_each_choice_has_a_seed_of_its_own(model_folder):
    async def main():
        async with served(model_folder, exact_sampling=True) as client:
            both = await client.complete([PROMPT, [9]], n=3, seed=11, max_tokens=10)
            single = await client.complete(PROMPT, seed=11, max_tokens=10)
            assert both[0]["token_ids"] == single[0]["token_ids"]
            alone = await client.complete([9], seed=derive_seed(11, 1, 2), max_tokens=10)
            assert both[5]["token_ids"] == alone[0]["token_ids"]
            assert len({tuple(choice["token_ids"]) for choice in both}) == 6
            unseeded = [await client.complete(PROMPT, max_tokens=10) for _ in range(2)]
            assert unseeded[0][0]["token_ids"] != unseeded[1][0]["token_ids"]

    asyncio.run(main())


def test_derived_seeds_are_as_documented():
    digest = hashlib.sha256(b"11:1:2").hexdigest()
    assert derive_seed(11, 1, 2) == int(digest[:16], 16) // 2
    assert derive_seed(11, 0, 0) == 11


def test_stops(model_folder):
    async def main():
        async with served(model_folder, exact_sampling=True) as client:
            (free,) = await client.complete(PROMPT, seed=3, max_tokens=40, ignore_eos=True)
            ids, text = free["token_ids"], free["text"]
            (by_id,) = await client.complete(
                PROMPT, seed=3, max_tokens=40, ignore_eos=True, stop_token_ids=[ids[7]]
            )
            assert by_id["token_ids"] == ids[: ids.index(ids[7]) + 1]
            assert (by_id["finish_reason"], by_id["stop_reason"]) == ("stop", ids[7])
            stop = text[4:7]
            (by_text,) = await client.complete(
                PROMPT, seed=3, max_tokens=40, ignore_eos=True, stop=["nowhere", stop]
            )
            assert (by_text["finish_reason"], by_text["stop_reason"]) == ("stop", stop)
            assert stop in by_text["text"]
            assert by_text["token_ids"] == ids[: len(by_text["token_ids"])]
            shorter = len(by_text["token_ids"]) - 1
            (before,) = await client.complete(
                PROMPT, seed=3, max_tokens=shorter, ignore_eos=True, stop=stop
            )
            assert before["finish_reason"] == "length"

    asyncio.run(main())


def test_logprobs_are_the_learners(model_folder):
    async def main():
        async with served(model_folder) as client:
            (choice,) = await client.complete(
                PROMPT, max_tokens=30, seed=1, logprobs=3, temperature=0.7
            )
            sampled = choice["logprobs"]["token_logprobs"]
            reply = await client.post(
                "/v1/training/logprobs",
                sequences=[
                    {
                        "tokens": PROMPT + choice["token_ids"],
                        "sampled_logprobs": [None] * len(PROMPT) + sampled,
                    }
                ],
                temperature=0.7,
            )
            scored = reply["results"][0]["logprobs"]
            assert scored[0] is None
            assert scored[len(PROMPT) :] == pytest.approx(sampled, abs=1e-4)
            assert reply["sampler_gap"]["tokens"] == len(sampled)
            assert reply["sampler_gap"]["mean"] <= 1e-4
            metrics = await client.metrics()
            assert metrics["ssp_policy_sampler_gap"] == reply["sampler_gap"]["mean"]
            assert all(len(top) == 3 for top in choice["logprobs"]["top_logprobs"])
            offsets = choice["logprobs"]["text_offset"]
            assert offsets[0] == 0
            assert offsets == sorted(offsets)

    asyncio.run(main())


def test_a_streamed_reply_is_the_whole_one_in_pieces(model_folder):
    async def main():
        async with served(model_folder, exact_sampling=True) as client:
            fields = {"prompt": PROMPT, "n": 2, "seed": 5, "max_tokens": 20, "logprobs": 0}
            whole = await client.post("/v1/completions", return_token_ids=True, **fields)
            events = await client.events(
                "/v1/completions",
                return_token_ids=True,
                stream_options={"include_usage": True},
                **fields,
            )
            last = events.pop()
            assert last["choices"] == []
            assert whole["usage"]["prompt_tokens"] == len(PROMPT), "once, whatever n is"
            assert last["usage"]["total_tokens"] == whole["usage"]["total_tokens"]
            assert last["usage"]["completion_tokens"] == whole["usage"]["completion_tokens"]
            for choice in whole["choices"]:
                pieces = [
                    event["choices"][0]
                    for event in events
                    if event["choices"][0]["index"] == choice["index"]
                ]
                assert "".join(piece["text"] for piece in pieces) == choice["text"]
                ids = [token for piece in pieces for token in piece.get("token_ids", [])]
                assert ids == choice["token_ids"]
                offsets = [
                    offset
                    for piece in pieces
                    if piece["logprobs"]
                    for offset in piece["logprobs"]["text_offset"]
                ]
                assert offsets == choice["logprobs"]["text_offset"]
                assert pieces[-1]["finish_reason"] == choice["finish_reason"]
                assert {piece["finish_reason"] for piece in pieces[:-1]} == {None}

    asyncio.run(main())


def test_a_full_queue_refuses_a_request_as_a_whole(model_folder):
    async def main():
        async with served(model_folder, max_running=1, max_waiting=2) as client:
            long = {"max_tokens": 900, "ignore_eos": True}
            first = asyncio.create_task(client.complete(PROMPT, n=2, **long))
            await client.wait_for(running_requests=1, waiting_requests=1)
            body = {"prompt": PROMPT, "n": 2} | long
            async with client.session.post("/v1/completions", json=body) as response:
                assert response.status == 429
                assert response.headers["Retry-After"] == "1"
                error = (await response.json())["error"]
                assert error["code"] == "SSP_POLICY_QUEUE_FULL"
            await client.wait_for(running_requests=1, waiting_requests=1)
            never = await client.post("/v1/completions", 400, prompt=PROMPT, n=3)
            assert never["code"] == "SSP_POLICY_LIMIT_EXCEEDED"
            first.cancel()
            await client.wait_for(running_requests=0, waiting_requests=0)

    asyncio.run(main())


@pytest.mark.parametrize("streams", [False, True])
def test_a_client_that_goes_cancels_its_requests(model_folder, streams):
    async def main():
        async with served(model_folder, max_running=2) as client:
            body = {"prompt": PROMPT, "n": 5, "max_tokens": 1000, "ignore_eos": True}
            async with aiohttp.ClientSession(client.service.url) as leaving:
                request = asyncio.create_task(
                    leaving.post("/v1/completions", json=body | {"stream": streams})
                )
                await client.wait_for(running_requests=2, waiting_requests=3)
                request.cancel()
            await client.wait_for(running_requests=0, waiting_requests=0, cache_blocks_used=0)
            metrics = await client.metrics()
            assert metrics['ssp_policy_completions_total{finish_reason="cancelled"}'] == 5
            assert metrics['ssp_policy_completions_total{finish_reason="length"}'] == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("code", "status", "body"),
    [
        ("SSP_POLICY_MODEL_UNKNOWN", 404, {"prompt": [1], "model": "gpt"}),
        ("SSP_POLICY_TOKEN_OUT_OF_RANGE", 400, {"prompt": [1, 512]}),
        ("SSP_POLICY_SEQUENCE_TOO_LONG", 400, {"prompt": [1, 2], "max_tokens": 1023}),
        ("SSP_POLICY_REQUEST_INVALID", 400, {"prompt": []}),
        ("SSP_POLICY_REQUEST_INVALID", 400, {"prompt": [1], "min_tokens": 17}),
        ("SSP_POLICY_REQUEST_INVALID", 400, {"prompt": [1], "temperature": -1}),
        ("SSP_POLICY_REQUEST_INVALID", 400, {"prompt": [1], "presence_penalty": 0.5}),
        ("SSP_POLICY_REQUEST_INVALID", 400, {"prompt": [1], "stop": ["a"] * 17}),
    ],
)
def test_what_cannot_be_sampled_is_refused_by_name(model_folder, code, status, body):
    async def main():
        async with served(model_folder) as client:
            error = await client.post("/v1/completions", status, **body)
            assert error["code"] == code
            assert error["message"]
            assert error["remedy"]
            assert await client.complete([1], max_tokens=1022, stop_token_ids=[*range(256)])

    asyncio.run(main())


def test_text_needs_a_tokenizer(model_folder, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("config.json", "model.safetensors"):
        (bare / name).write_bytes((model_folder / name).read_bytes())

    async def main():
        async with served(bare) as client:
            error = await client.post("/v1/completions", 400, prompt="text")
            assert error["code"] == "SSP_POLICY_NO_TOKENIZER"
            stop = await client.post("/v1/completions", 400, prompt=[1], stop="x")
            assert stop["code"] == "SSP_POLICY_NO_TOKENIZER"
            chat = {"messages": [{"role": "user", "content": "hi"}]}
            error = await client.post("/v1/chat/completions", 400, **chat)
            assert error["code"] == "SSP_POLICY_NO_TOKENIZER"
            (choice,) = await client.complete([1], logprobs=1, max_tokens=2)
            assert choice["text"] == ""
            assert choice["logprobs"]["tokens"][0] == f"token_id:{choice['token_ids'][0]}"

    asyncio.run(main())
