"""What the sampling engine says of its tokens is what the learner's forward pass says of them."""

import pytest
import torch
from learner.conftest import ragged_sequences, token_weights

from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SampleRequest, SamplingLimits

SEQUENCES = ragged_sequences(9, 14, 5)
MODELS = ("policy", "reference", "before")


class Listener:
    """Keeps the tokens of one request with their log-probs."""

    def __init__(self):
        self.ids, self.logprobs = [], []

    def on_token(self, token):
        self.ids.append(token.id)
        self.logprobs.append(token.logprob)

    def on_end(self, end):
        assert end.finish_reason == "length", end.error


def sample(engine, requests):
    listeners = [Listener() for _ in requests]
    for request, listener in zip(requests, listeners, strict=True):
        engine.submit(request, listener)
    while engine.has_work():
        engine.run_batch()
    return listeners


def largest_gaps(learner, engine, *, temperature):
    """Sample from all models at once, from prompts with a common beginning of full blocks."""
    prompts = [[*range(40), *tail] for tail in SEQUENCES]
    requests = [
        SampleRequest(
            model=model, prompt=tuple(prompt), max_tokens=12, seed=seed, temperature=temperature
        )
        for seed, prompt in enumerate(prompts)
        for model in MODELS
    ]
    gaps = dict.fromkeys(MODELS, 0.0)
    for request, done in zip(requests, sample(engine, requests), strict=True):
        tokens = [*request.prompt, *done.ids]
        (scores,) = learner.log_probs(request.model, [tokens], temperature=temperature)
        scored = torch.tensor(scores.logprobs[len(request.prompt) :])
        gap = (scored - torch.tensor(done.logprobs)).abs().max().item()
        gaps[request.model] = max(gaps[request.model], gap)
    return gaps


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("exact_sampling", [True, False])
def test_log_probs_agree_for_every_model_before_and_after_steps(
    make_learner, tmp_path, full, exact_sampling
):
    learner, weights = make_learner(full=full, exact_sampling=exact_sampling)
    engine = SamplingEngine(weights, SamplingLimits(blocks=512))
    weights.snapshot("before")
    learner.save(tmp_path / "c")
    for temperature in (1.0, 0.7):
        gaps = largest_gaps(learner, engine, temperature=temperature)
        assert max(gaps.values()) <= 1e-4
        for _ in range(3):
            learner.backward(SEQUENCES, token_weights(SEQUENCES))
            learner.step(AdamWSettings(lr=0.02))
    assert max(largest_gaps(learner, engine, temperature=1.0).values()) <= 1e-4
    learner.load(tmp_path / "c")
    weights.drop_snapshot("before")
    weights.snapshot("before")
    assert max(largest_gaps(learner, engine, temperature=1.0).values()) <= 1e-4
