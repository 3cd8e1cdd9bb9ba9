"""Tokens per second of sampling, and the share of what the memory's bandwidth allows."""

import random
from dataclasses import dataclass, field

import torch

from benchmarks.clock import forget_peak, now, peak_bytes
from benchmarks.completions import Completion, sample_all, submit_all
from benchmarks.profile import profile_of
from ssp_policy.learner.scoring import score_sequences
from ssp_policy.model.shape import ModelShape
from ssp_policy.model.weights import Weights
from ssp_policy.sampling.engine import SamplingEngine
from ssp_policy.sampling.request import SampleRequest, SamplingLimits
from ssp_policy.settings import Settings

_BLOCK_SIZE = 16
_NUMBER_BYTES = 2


@dataclass(frozen=True)
class SamplingWork:
    """Requests that are all there at the start."""

    requests: int
    prompt_tokens: int
    new_tokens: int


@dataclass
class Steps:
    """Sums over batches of one kind."""

    seconds: float = 0.0
    batches: int = 0
    tokens: int = 0
    bytes_read: int = 0
    """Weights once in each batch, and the keys and values of all running requests."""


@dataclass
class SamplingRun:
    """The batches of a run: those in which all requests took one token each, and the others."""

    decode: Steps = field(default_factory=Steps)
    prefill: Steps = field(default_factory=Steps)


def measure_sampling(
    weights: Weights,
    shape: ModelShape,
    work: SamplingWork,
    *,
    settings: Settings,
    bandwidth: float,
) -> dict[str, object]:
    """Sample random prompts of one length; the figures of the run, by name.

    `bandwidth` is that of the device's memory in bytes per second. A decoding step cannot be
    faster than reading the weights (the head among them, not the embedding) and all keys and
    values once.
    """
    device = weights.device
    forget_peak(device)
    engine = _engine(weights, work, settings)
    sample_all(engine, _requests(SamplingWork(2, work.prompt_tokens, 4), weights.vocab_size, 0))
    completions = submit_all(engine, _requests(work, weights.vocab_size, 1))
    started = now(device)
    run = _run(engine, completions, shape, work)
    seconds = now(device) - started
    gaps = _gaps(weights, settings, completions[:16], work)
    sampled = sum(len(done.ids) for done in completions)
    assert sampled == work.requests * work.new_tokens, "a completion is cut"
    bound = run.decode.bytes_read / bandwidth
    return {
        "requests": work.requests,
        "promptTokens": work.prompt_tokens,
        "newTokens": work.new_tokens,
        "seconds": seconds,
        "tokensPerSecond": sampled / seconds,
        "decodeTokensPerSecond": run.decode.tokens / max(run.decode.seconds, 1e-9),
        "decodeStepMs": 1000 * run.decode.seconds / max(run.decode.batches, 1),
        "boundStepMs": 1000 * bound / max(run.decode.batches, 1),
        "shareOfBandwidth": bound / max(run.decode.seconds, 1e-9),
        "prefillTokensPerSecond": run.prefill.tokens / max(run.prefill.seconds, 1e-9),
        "peakBytes": peak_bytes(device),
        "samplerGap": float(gaps.mean()),
        "widestSamplerGap": float(gaps.max()),
    }


def profile_sampling(
    weights: Weights, work: SamplingWork, *, settings: Settings
) -> dict[str, object]:
    """Look into five decoding steps with all requests at once."""
    engine = _engine(weights, work, settings)
    completions = submit_all(engine, _requests(work, weights.vocab_size, 2))
    while not all(done.ids for done in completions):
        engine.run_batch()
    return profile_of(engine.run_batch, weights.device, 5)


def _engine(weights: Weights, work: SamplingWork, settings: Settings) -> SamplingEngine:
    tokens = work.prompt_tokens + work.new_tokens
    blocks = work.requests * -(-tokens // _BLOCK_SIZE)
    return SamplingEngine(
        weights,
        SamplingLimits(
            blocks=blocks + blocks // 50 + 128,
            block_size=_BLOCK_SIZE,
            max_running=max(settings.max_running, work.requests),
            prefill_tokens=settings.prefill_tokens,
        ),
    )


def _requests(work: SamplingWork, vocab_size: int, seed: int) -> list[SampleRequest]:
    drawn = random.Random(seed)
    return [
        SampleRequest(
            "policy",
            tuple(drawn.randrange(vocab_size) for _ in range(work.prompt_tokens)),
            max_tokens=work.new_tokens,
            seed=index,
            ignore_eos=True,
        )
        for index in range(work.requests)
    ]


def _run(
    engine: SamplingEngine, completions: list[Completion], shape: ModelShape, work: SamplingWork
) -> SamplingRun:
    """Run to the end and time each batch; reading the tokens out waits for the device."""
    run = SamplingRun()
    before, time_before = engine.stats(), now(torch.device("cpu"))
    while engine.has_work():
        engine.run_batch()
        stats, time = engine.stats(), now(torch.device("cpu"))
        sampled = stats.tokens_sampled - before.tokens_sampled
        computed = stats.tokens_prefilled - before.tokens_prefilled
        is_decode = computed == 0 and sampled == work.requests
        steps = run.decode if is_decode else run.prefill
        steps.seconds += time - time_before
        steps.batches += 1
        steps.tokens += sampled if is_decode else computed
        if is_decode:
            # The newest token of each has no keys yet.
            kept = sum(work.prompt_tokens + len(done.ids) - 1 for done in completions)
            steps.bytes_read += _NUMBER_BYTES * shape.linear_parameters
            steps.bytes_read += shape.kv_bytes_per_token(_NUMBER_BYTES) * kept
        before, time_before = stats, time
    return run


def _gaps(
    weights: Weights, settings: Settings, completions: list[Completion], work: SamplingWork
) -> torch.Tensor:
    """Score completions by the learner's forward pass; all differences of log-probs."""
    requests = _requests(work, weights.vocab_size, 1)
    sequences = [
        [*request.prompt, *done.ids] for request, done in zip(requests, completions, strict=False)
    ]
    with weights.for_scoring("policy") as module:
        scores = score_sequences(
            module, sequences, temperature=1.0, entropy=False, settings=settings
        )
    scored = torch.tensor([row.logprobs[work.prompt_tokens :] for row in scores])
    return (scored - torch.tensor([done.logprobs for done in completions])).abs()
