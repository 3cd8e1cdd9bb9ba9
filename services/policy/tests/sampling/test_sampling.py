"""Sampled tokens and their log-probs, through the whole engine."""

import random

import pytest
import torch
from engine_run import Recorder, make_engine, plain_logits, run_all, run_to_end
from plain_weights import PlainWeights
from test_greedy import LENGTHS, prompts
from tiny_models import FAMILIES, Family, tiny_model

from ssp_policy.model.exact import exact_copy
from ssp_policy.sampling.request import SampleRequest
from ssp_policy.sampling.token_sampler import truncate

SETTINGS = [(1.0, 0, 1.0), (0.7, 0, 1.0), (1.5, 20, 1.0), (1.0, 0, 0.9), (0.9, 40, 0.8), (0, 0, 1)]


def plain_logprobs(model: torch.nn.Module, request: SampleRequest, ids: list[int]) -> torch.Tensor:
    """Log-probs (completion, vocabulary) of the distributions that a completion came from."""
    logits = plain_logits(model, [*request.prompt, *ids])[len(request.prompt) - 1 : -1]
    if request.temperature == 0:
        return logits.log_softmax(-1)
    rows = len(logits)
    scaled = logits / request.temperature
    kept = truncate(
        scaled,
        torch.full((rows,), request.top_k),
        torch.full((rows,), request.top_p, dtype=torch.float64),
    )
    return kept.log_softmax(-1)


@pytest.mark.parametrize("family", FAMILIES)
def test_logprobs_are_those_of_a_plain_forward_pass(family: Family) -> None:
    model = tiny_model(family)
    engine = make_engine(
        PlainWeights(policy=tiny_model(family, attention="ssp")), prefill_tokens=50, blocks=40
    )
    requests = [
        SampleRequest(
            "policy", prompt, 40, temperature, top_p, top_k, seed=len(prompt), top_logprobs=2
        )
        for prompt in prompts()
        for temperature, top_k, top_p in SETTINGS
    ]
    recorders = run_all(engine, requests)
    assert engine.stats().preemptions > 0
    gaps = []
    for request, recorder in zip(requests, recorders, strict=True):
        expected = plain_logprobs(model, request, recorder.ids)
        for row, token in zip(expected, recorder.tokens, strict=True):
            gaps.append(abs(token.logprob - row[token.id].item()))
            assert [logprob for _, logprob in token.top] == pytest.approx(
                row.topk(2).values.tolist(), abs=1e-4
            )
    assert sum(gaps) / len(gaps) < 1e-5
    assert max(gaps) < 1e-4


def mixed_requests(count: int) -> list[SampleRequest]:
    drawn = random.Random(5)
    return [
        SampleRequest(
            "policy",
            prompt,
            drawn.randrange(1, 40),
            drawn.choice([0.7, 1.0, 1.3]),
            drawn.choice([1.0, 0.9]),
            drawn.choice([0, 50]),
            seed=index,
        )
        for index, prompt in enumerate(prompts(LENGTHS * (count // len(LENGTHS)), seed=8))
    ]


def test_the_same_seed_gives_the_same_tokens_in_any_company() -> None:
    """In float64 (exact sampling) every token and log-prob is, alone and among 100 others."""
    module = exact_copy(tiny_model("qwen3", attention="ssp"), torch.device("cpu"))
    weights = PlainWeights(policy=module)
    requests = mixed_requests(104)
    together = run_all(make_engine(weights, blocks=300, prefill_tokens=64), requests)
    order = list(range(len(requests)))
    random.Random(1).shuffle(order)
    shuffled = run_all(
        make_engine(weights, blocks=150, max_running=40), [requests[index] for index in order]
    )
    for place, index in enumerate(order):
        assert shuffled[place].ids == together[index].ids
        assert shuffled[place].logprobs == together[index].logprobs
    for index in range(0, len(requests), 9):
        [alone] = run_all(make_engine(weights), [requests[index]])
        assert alone.ids == together[index].ids
        assert alone.logprobs == together[index].logprobs


def test_seeds_make_the_difference() -> None:
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp")))
    requests = [SampleRequest("policy", (1, 2, 3), 12, seed=seed) for seed in (1, 1, 2)]
    first, same, other = run_all(engine, requests)
    assert first.ids == same.ids
    assert first.ids != other.ids


def test_cache_has_the_type_of_the_model() -> None:
    engine = make_engine(PlainWeights(policy=tiny_model("qwen3", attention="ssp").bfloat16()))
    [recorder] = run_all(engine, [SampleRequest("policy", (1, 2, 3), 12)])
    assert len(recorder.ids) == 12
    assert {cache.dtype for layer in engine._cache._layers.values() for cache in layer} == {
        torch.bfloat16
    }


def test_what_is_sampled_follows_the_softmax() -> None:
    """First tokens of 4,000 requests with different seeds, against the model's distribution."""
    model = tiny_model("qwen2", vocab_size=12)
    weights = PlainWeights(policy=tiny_model("qwen2", vocab_size=12, attention="ssp"))
    engine = make_engine(weights, max_waiting=5000)
    recorders = [Recorder() for _ in range(4000)]
    for seed, recorder in enumerate(recorders):
        engine.submit(SampleRequest("policy", (3, 1, 4), 1, seed=seed), recorder)
    run_to_end(engine)
    counts = torch.tensor([recorder.ids[0] for recorder in recorders]).bincount(minlength=12)
    expected = plain_logits(model, [3, 1, 4])[-1].softmax(-1) * len(recorders)
    chi_square = ((counts - expected) ** 2 / expected).sum().item()
    assert chi_square < 11 + 5 * (2 * 11) ** 0.5
