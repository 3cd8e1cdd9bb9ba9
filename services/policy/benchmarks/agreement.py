"""How close the service's numbers are to those of plain transformers, for one model in fp32."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import torch
from make_settings import make_settings

from benchmarks.completions import sample_all
from benchmarks.plain_training import PlainTraining
from benchmarks.ragged import ragged_sequences
from ssp_policy.learner.backward import weighted_gradient
from ssp_policy.learner.learner import Learner
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights
from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SampleRequest, SamplingLimits


def measure_agreement(folder: Path) -> dict[str, float]:
    """Compare log-probs and the gradient with one sequence at a time in plain transformers.

    `logProbs` is the largest difference, `gradient` the norm of the difference over that of the
    gradient, and `samplerGap` the mean difference of sampled log-probs to the learner's.
    """
    settings = make_settings(folder)
    weights = Weights(load_model(settings, attention="ssp"), settings)
    learner, plain = Learner(weights, settings), PlainTraining(folder, batch=1)
    tokens, token_weights = ragged_sequences(24, weights.vocab_size, seed=1)
    ours = [scores.logprobs[1:] for scores in learner.log_probs("policy", tokens)]
    difference = _flat(ours) - _flat(plain.log_probs(tokens))
    plain.accumulate(tokens, token_weights)
    gradient = weighted_gradient(
        weights.live, weights.trained, tokens, token_weights, temperature=1.0, settings=settings
    ).gradient
    theirs = {name: p.grad for name, p in plain.model.named_parameters() if p.grad is not None}
    assert theirs.keys() == gradient.keys()
    gaps = sampler_gaps(weights, learner)
    return {
        "logProbs": float(difference.abs().max()),
        "gradient": _norm([gradient[name] - theirs[name] for name in theirs])
        / _norm(list(theirs.values())),
        "samplerGap": float(gaps.mean()),
        "widestSamplerGap": float(gaps.max()),
    }


def sampler_gaps(weights: Weights, learner: Learner) -> torch.Tensor:
    """Sample 64 completions together and score them; gives all differences of log-probs."""
    prompts, _ = ragged_sequences(64, weights.vocab_size, seed=2, longest=120)
    engine = SamplingEngine(weights, SamplingLimits(blocks=2048))
    requests = [
        SampleRequest("policy", tuple(prompt), max_tokens=60, seed=seed, ignore_eos=True)
        for seed, prompt in enumerate(prompts)
    ]
    completions = sample_all(engine, requests)
    scores = learner.log_probs(
        "policy", [prompt + done.ids for prompt, done in zip(prompts, completions, strict=True)]
    )
    return torch.tensor(
        [
            abs(sampled - scored)
            for done, row in zip(completions, scores, strict=True)
            for sampled, scored in zip(done.logprobs, row.logprobs[-len(done.ids) :], strict=True)
        ]
    )


def _flat(rows: Iterable[Iterable[float | None]]) -> torch.Tensor:
    return torch.tensor(list(chain.from_iterable(rows)))


def _norm(tensors: list[torch.Tensor]) -> float:
    return float(torch.nn.utils.get_total_norm(tensors))
