"""Greedy completions are those of transformers' `generate`, whatever runs beside them."""

import random

import pytest
import torch
from engine_run import Recorder, assert_all_free, make_engine, run_all, run_to_end
from plain_weights import PlainWeights
from tiny_models import FAMILIES, Family, tiny_model

from ssp_policy.sampling.request import SampleRequest

LENGTHS = (1, 2, 15, 16, 17, 31, 33, 50)


def prompts(lengths: tuple[int, ...] = LENGTHS, seed: int = 1) -> list[tuple[int, ...]]:
    drawn = random.Random(seed)
    return [tuple(drawn.randrange(512) for _ in range(length)) for length in lengths]


def greedy(prompt: tuple[int, ...], max_tokens: int) -> SampleRequest:
    return SampleRequest("policy", prompt, max_tokens, temperature=0)


def generated(model: torch.nn.Module, request: SampleRequest) -> list[int]:
    """Complete one prompt alone by transformers."""
    prompt = torch.tensor([request.prompt])
    out = model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=request.max_tokens,
        do_sample=False,
        pad_token_id=0,
    )
    return out[0, len(request.prompt) :].tolist()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("prefill_tokens", [7, 16, 40, 2048])
def test_ragged_prompts_in_chunks(family: Family, prefill_tokens: int) -> None:
    model = tiny_model(family)
    engine = make_engine(
        PlainWeights(policy=tiny_model(family, attention="ssp")), prefill_tokens=prefill_tokens
    )
    requests = [greedy(prompt, 20 + 3 * index) for index, prompt in enumerate(prompts())]
    for request, recorder in zip(requests, run_all(engine, requests), strict=True):
        assert recorder.ids == generated(model, request)


@pytest.mark.parametrize("order_seed", range(4))
def test_requests_come_and_finish_in_any_order(order_seed: int) -> None:
    model = tiny_model("qwen3")
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")), max_running=5)
    drawn = random.Random(order_seed)
    requests = [
        greedy(prompt, drawn.choice([1, 2, 5, 17, 30, 48]))
        for prompt in prompts(LENGTHS * 3, seed=order_seed)
    ]
    drawn.shuffle(requests)
    recorders = [Recorder() for _ in requests]
    for request, recorder in zip(requests, recorders, strict=True):
        engine.submit(request, recorder)
        for _ in range(drawn.randrange(4)):
            engine.run_batch()
    run_to_end(engine)
    for request, recorder in zip(requests, recorders, strict=True):
        assert recorder.ids == generated(model, request)


def test_preempted_requests_go_on_where_they_were() -> None:
    model = tiny_model("llama")
    engine = make_engine(
        PlainWeights(policy=tiny_model("llama", attention="ssp")), blocks=12, prefill_tokens=32
    )
    requests = [greedy(prompt, 70) for prompt in prompts((20, 30, 40, 18, 25))]
    recorders = run_all(engine, requests)
    assert engine.stats().preemptions > 0
    for request, recorder in zip(requests, recorders, strict=True):
        assert recorder.ids == generated(model, request)


def test_one_request_may_fill_the_whole_pool() -> None:
    model = tiny_model("qwen2")
    engine = make_engine(PlainWeights(policy=tiny_model("qwen2", attention="ssp")), blocks=4)
    requests = [greedy(prompt, 64 - len(prompt)) for prompt in prompts((9, 30, 50))]
    for request, recorder in zip(requests, run_all(engine, requests), strict=True):
        assert recorder.ids == generated(model, request)


def test_models_take_turns() -> None:
    models = {name: tiny_model("qwen3", seed=seed) for seed, name in enumerate(["policy", "old"])}
    engine = make_engine(
        PlainWeights(
            policy=tiny_model("qwen3", seed=0, attention="ssp"),
            old=tiny_model("qwen3", seed=1, attention="ssp"),
        ),
        max_running=3,
    )
    requests = [
        SampleRequest(name, prompt, 12, temperature=0)
        for prompt in prompts((5, 20, 33, 40))
        for name in models
    ]
    for request, recorder in zip(requests, run_all(engine, requests), strict=True):
        assert recorder.ids == generated(models[request.model], request)


def test_turns_are_even() -> None:
    both = {name: tiny_model("qwen3", attention="ssp") for name in ("policy", "old")}
    engine = make_engine(PlainWeights(**both))
    recorders = {name: Recorder() for name in both}
    for name, recorder in recorders.items():
        engine.submit(SampleRequest(name, (1, 2, 3), 40), recorder)
    for _ in range(20):
        engine.run_batch()
    assert {name: len(recorder.ids) for name, recorder in recorders.items()} == {
        "policy": 10,
        "old": 10,
    }
    run_to_end(engine)


def test_a_stream_of_one_model_does_not_starve_another() -> None:
    engine = make_engine(
        PlainWeights(
            policy=tiny_model("qwen3", attention="ssp"), old=tiny_model("qwen3", attention="ssp")
        ),
        max_running=2,
    )
    for _ in range(2):
        engine.submit(greedy((1, 2, 3), 4), Recorder())
    other = Recorder()
    engine.submit(SampleRequest("old", (4, 5, 6), 4, temperature=0), other)
    for _ in range(40):
        engine.submit(greedy((1, 2, 3), 4), Recorder())
        engine.run_batch()
        if other.end:
            break
    assert other.end is not None
    run_to_end(engine)
    assert_all_free(engine)
