"""Tokens per second of training, and the share of the device's arithmetic that it uses."""

import random
from dataclasses import dataclass

from benchmarks.clock import forget_peak, now, peak_bytes
from benchmarks.profile import profile_of
from ssp_policy.learner.learner import Learner
from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.model.shape import ModelShape
from ssp_policy.model.weights import Weights
from ssp_policy.settings import Settings


@dataclass(frozen=True)
class TrainingWork:
    """Sequences of one length; every token but the first has a weight."""

    length: int
    tokens: int
    """Of one call, all sequences together."""
    calls: int


def measure_training(
    weights: Weights,
    learner: Learner,
    shape: ModelShape,
    work: TrainingWork,
    *,
    settings: Settings,
    peak_flops: float,
) -> dict[str, object]:
    """Score, differentiate and step; the figures by name. The first call is not measured.

    MFU is that of `backward` (PaLM, Chowdhery et al., 2022): what a second pass computes for
    gradient checkpointing does not count.
    """
    device = weights.device
    sequences, token_weights = _sequences(weights, work)
    tokens = len(sequences) * work.length
    forget_peak(device)
    learner.backward(sequences, token_weights)
    learner.zero()
    started = now(device)
    for _ in range(work.calls):
        learner.backward(sequences, token_weights)
    backward_seconds = (now(device) - started) / work.calls
    started = now(device)
    learner.step(AdamWSettings(lr=1e-6))
    step_seconds = now(device) - started
    peak = peak_bytes(device)
    started = now(device)
    learner.log_probs("policy", sequences)
    scoring_seconds = now(device) - started
    flops = tokens * flops_per_token(shape, settings, work.length)
    return {
        "length": work.length,
        "tokens": tokens,
        "tokensPerSecond": tokens / backward_seconds,
        "mfu": flops / backward_seconds / peak_flops,
        "backwardSeconds": backward_seconds,
        "stepSeconds": step_seconds,
        "scoringTokensPerSecond": tokens / scoring_seconds,
        "peakBytes": peak,
    }


def profile_training(weights: Weights, learner: Learner, work: TrainingWork) -> dict[str, object]:
    """Look into one backward call."""
    sequences, token_weights = _sequences(weights, work)
    profiled = profile_of(lambda: learner.backward(sequences, token_weights), weights.device, 1)
    learner.zero()
    return profiled


def _sequences(weights: Weights, work: TrainingWork) -> tuple[list[list[int]], list[list[float]]]:
    drawn = random.Random(work.length)
    count = max(1, work.tokens // work.length)
    tokens = [drawn.randrange(weights.vocab_size) for _ in range(work.length)]
    token_weights = [0.0, *[drawn.gauss(0, 1) for _ in range(work.length - 1)]]
    return [tokens] * count, [token_weights] * count


def flops_per_token(shape: ModelShape, settings: Settings, length: int) -> float:
    """Count the arithmetic that the gradient needs for one token of a sequence of `length`.

    Two operations for each parameter of a matrix product going forward, two for the gradient by
    its input, two for the gradient by the parameter (an adapter's base has none). Causal attention:
    each token sees half the sequence on average, so 2 x length x width forward, twice that back.
    """
    attention = 6 * shape.layers * shape.queries * length
    if settings.full:
        return 6 * shape.linear_parameters + attention
    adapter = settings.lora_rank * shape.adapter_parameters_per_rank
    return 4 * shape.linear_parameters + 6 * adapter + attention
