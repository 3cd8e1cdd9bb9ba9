"""Requests with something wrong in them: 300 coded 4xx replies later the service is unharmed.

A few of them are still right (another seed is a seed too) and are answered.
"""

import asyncio
import json
import random

from documented import checked
from served import Client, served

from ssp_policy.errors import CATALOGUE

REFUSED = 300
JSON = {"Content-Type": "application/json"}
GOOD = {
    "/v1/completions": {"prompt": [1, 2], "max_tokens": 2, "n": 1, "stop": ["x"], "seed": 1},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "a"}], "max_tokens": 2},
    "/v1/training/logprobs": {"sequences": [{"tokens": [1, 2]}], "temperature": 1},
    "/v1/training/backward": {"sequences": [{"tokens": [1, 2], "weights": [0, 1]}]},
    "/v1/training/step": {"lr": 0.1, "betas": [0.9, 0.99]},
    "/v1/training/snapshots": {"name": "a", "from": "policy"},
    "/v1/training/save": {"name": "a", "merged": False},
    "/v1/training/load": {"name": "a"},
}
WRONG = [
    *(-1, 2**70, 1.5, float("nan"), float("inf"), "", "\x00", "../../x", "é" * 2000, [], [[]], {}),
    *([None], [{}], [[1, -1]], [1, "a"], {"a": 1}, True, [2**40], "\ud800", ["\udfff"]),
]


def spoil_object(chance: random.Random, body: object) -> object:
    """Put something wrong somewhere into a copy of a body."""
    if isinstance(body, dict) and body and chance.random() < 0.85:
        copy = dict(body)
        key = chance.choice(list(copy))
        way = chance.random()
        if way < 0.15:
            copy[f"{key}x"] = copy.pop(key)
        elif way < 0.6:
            copy[key] = spoil_object(chance, copy[key])
        else:
            copy[key] = chance.choice(WRONG)
        return copy
    if isinstance(body, list) and body and chance.random() < 0.7:
        return [spoil_object(chance, body[0]), *body[1:]]
    return chance.choice(WRONG)


def spoil_bytes(chance: random.Random, text: bytes) -> bytes:
    """Cut, repeat or change bytes of a body."""
    place = chance.randrange(len(text))
    ways = [
        text[:place],
        text + text,
        text[:place] + bytes([chance.randrange(256)]) + text[place + 1 :],
        b"[" * 50_000,
        bytes(chance.randrange(256) for _ in range(50)),
    ]
    return chance.choice(ways)


def test_malformed_requests_are_refused_and_harm_nothing(model_folder, checkpoints):
    chance = random.Random(4)

    async def send(client: Client, path: str, data: bytes) -> int:
        async with client.session.post(path, data=data, headers=JSON) as response:
            error = checked("POST", path, response.status, await response.read())
            if response.status != 200:
                assert response.status == CATALOGUE[error["code"]]["status"]
                assert 400 <= response.status < 500, (path, data[:300], error)
                assert error["message"]
                assert "{" not in error["remedy"]
            return response.status

    async def main():
        async with served(model_folder, checkpoints=checkpoints) as client:
            before = await client.complete([1, 2], temperature=0, max_tokens=8)
            refused = accepted = 0
            while refused < REFUSED:
                path = chance.choice(list(GOOD))
                if chance.random() < 0.7:
                    data = json.dumps(spoil_object(chance, GOOD[path])).encode()
                else:
                    data = spoil_bytes(chance, json.dumps(GOOD[path]).encode())
                if await send(client, path, data) == 200:
                    accepted += 1
                else:
                    refused += 1
            assert accepted < REFUSED / 4, "most are wrong indeed"
            await client.post("/v1/training/zero")
            if (await client.get("/v1/facts"))["weights_version"] == "policy@0.0":
                after = await client.complete([1, 2], temperature=0, max_tokens=8)
                assert after[0]["token_ids"] == before[0]["token_ids"]
            await client.wait_for(running_requests=0, waiting_requests=0)

    asyncio.run(main())
