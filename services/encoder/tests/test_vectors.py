"""What the server gives, against transformers' own model, a text at a time."""

import asyncio
import base64

import numpy as np
import pytest
import torch
from served_encoder import served
from tokenizers import Tokenizer
from transformers import BertModel

TEXTS = ["a cat", "b", "", "the quick brown fox jumps over it all", "xyz " * 40, "a cat"]


def reference(folder, pooling, *, normalize=True):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    rows = []
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        ids = ids if len(ids) <= 64 else [*ids[:63], ids[-1]]
        with torch.no_grad():
            hidden_T_D = model(torch.tensor([ids])).last_hidden_state[0]
        row = hidden_T_D[0] if pooling == "cls" else hidden_T_D.mean(0)
        rows.append((row / row.norm() if normalize else row).tolist())
    return np.array(rows)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("budget", [1, 100, 10_000])
def test_vectors_are_those_of_the_model_in_the_order_of_the_texts(folder, pooling, budget):
    async def run():
        async with served(folder, pooling=pooling, batch_tokens=budget) as client:
            vectors = np.array(await client.vectors(TEXTS))
        assert np.abs(vectors - reference(folder, pooling)).max() < 1e-6

    asyncio.run(run())


def test_without_normalisation_they_keep_their_length(folder):
    async def run():
        async with served(folder, normalize=False) as client:
            vectors = np.array(await client.vectors(TEXTS))
        assert np.abs(vectors - reference(folder, "mean", normalize=False)).max() < 1e-5

    asyncio.run(run())


@pytest.mark.parametrize("dtype", ["fp16", "bf16"])
def test_half_precision_is_within_a_thousandth(folder, dtype):
    async def run():
        async with served(folder, dtype=dtype) as client:
            vectors = np.array(await client.vectors(TEXTS))
        assert (vectors * reference(folder, "mean")).sum(1).min() > 0.999

    asyncio.run(run())


def test_one_text_base64_and_usage(folder):
    async def run():
        async with served(folder) as client:
            plain = await client.embed(input="a cat")
            coded = await client.embed(input=["a cat"], encoding_format="base64", dimensions=16)
        numbers = np.frombuffer(base64.b64decode(coded["data"][0]["embedding"]), "<f4")
        assert numbers.tolist() == pytest.approx(plain["data"][0]["embedding"], abs=0)
        # [CLS] a c ##a ##t [SEP]
        assert plain["usage"] == {"prompt_tokens": 6, "total_tokens": 6}
        assert (plain["object"], plain["model"]) == ("list", "tiny")

    asyncio.run(run())


def test_requests_at_once_get_their_own_vectors(folder):
    async def run():
        async with served(folder, max_waiting=1000) as client:
            alone = [(await client.vectors([text]))[0] for text in TEXTS]
            together = await asyncio.gather(*(client.vectors(TEXTS[i:]) for i in range(6)))
        for i, vectors in enumerate(together):
            assert np.abs(np.array(vectors) - np.array(alone[i:])).max() < 1e-6

    asyncio.run(run())
