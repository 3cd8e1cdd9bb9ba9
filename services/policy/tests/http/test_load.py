"""500 completions at once, of many kinds: each is what it would be alone."""

import asyncio
import random

from served import served

COUNT = 500
ALONE = 25


def make_bodies() -> list[dict]:
    chance = random.Random(1)
    shared = [chance.randrange(500) for _ in range(40)]
    bodies = []
    for i in range(COUNT):
        start = shared[: chance.choice([0, 16, 33])]
        tail = [chance.randrange(500) for _ in range(chance.randint(1, 12))]
        body = {
            "prompt": start + tail,
            "max_tokens": chance.randint(1, 60),
            "temperature": chance.choice([0, 0.7, 1, 1.3]),
            "top_p": chance.choice([1, 0.9]),
            "top_k": chance.choice([0, 20]),
            "seed": i,
            "logprobs": 0,
            "return_token_ids": True,
        }
        if i % 3 == 0:
            body["stop"] = [chance.choice("aeinst"), "the"]
        if i % 5 == 0:
            body["stop_token_ids"] = [chance.randrange(500) for _ in range(20)]
        bodies.append(body)
    return bodies


def check(body: dict, choice: dict) -> None:
    """What must hold of any completion."""
    ids = choice["token_ids"]
    assert 1 <= len(ids) <= body["max_tokens"]
    assert len(choice["logprobs"]["token_logprobs"]) == len(ids)
    assert all(value <= 0 for value in choice["logprobs"]["token_logprobs"])
    stops, stop_ids = body.get("stop", []), body.get("stop_token_ids", [])
    reason = choice["stop_reason"]
    if choice["finish_reason"] == "length":
        assert len(ids) == body["max_tokens"]
        assert not any(stop in choice["text"] for stop in stops)
        assert not set(stop_ids) & set(ids)
    elif isinstance(reason, str):
        assert reason in stops
        assert reason in choice["text"]
    elif isinstance(reason, int):
        assert reason == ids[-1]
        assert reason in stop_ids


def test_500_completions_at_once(model_folder):
    bodies = make_bodies()

    async def main():
        async with served(model_folder, exact_sampling=True, max_running=128) as client:

            async def one(body: dict) -> dict:
                (choice,) = (await client.post("/v1/completions", **body))["choices"]
                return choice

            together = await asyncio.gather(*(one(body) for body in bodies))
            for body, choice in zip(bodies, together, strict=True):
                check(body, choice)
            reasons = {type(choice["stop_reason"]) for choice in together}
            assert reasons == {str, int, type(None)}
            for i in range(0, COUNT, COUNT // ALONE):
                alone = await one(bodies[i])
                assert alone["token_ids"] == together[i]["token_ids"]
                assert alone["finish_reason"] == together[i]["finish_reason"]
            await client.wait_for(running_requests=0, waiting_requests=0, cache_blocks_used=0)

    asyncio.run(main())
