"""What each sampled token does to its request: text, stops, the listener."""

import time
from dataclasses import dataclass

from ssp_policy.errors import PolicyError
from ssp_policy.sampling.request import FinishReason, SampledToken, SampleEnd
from ssp_policy.sampling.sequence import Sequence

Stop = tuple[FinishReason, str | int | None]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A token as the sampler drew it."""

    token: int
    logprob: float
    top: tuple[tuple[int, float], ...]


def take_token(sequence: Sequence, drawn: Drawn, eos_token_ids: frozenset[int]) -> SampleEnd | None:
    """Add a token, tell the listener, and give the end if this token is the last."""
    sequence.tokens.append(drawn.token)
    delta = sequence.text.push(drawn.token) if sequence.text else ""
    stop = _stop_after(sequence, drawn.token, delta, eos_token_ids)
    if stop and sequence.text:
        delta += sequence.text.finish()
    sequence.listener.on_token(SampledToken(drawn.token, drawn.logprob, delta, drawn.top))
    return end_of(sequence, *stop) if stop else None


def end_of(
    sequence: Sequence,
    finish_reason: FinishReason,
    stop_reason: str | int | None = None,
    error: PolicyError | None = None,
) -> SampleEnd:
    """Describe a sequence's end, with its times up to now."""
    now = time.monotonic()
    started = sequence.started_at if sequence.begun else now
    return SampleEnd(
        finish_reason,
        stop_reason,
        error,
        weights_version=sequence.version if sequence.begun else "",
        cached_tokens=sequence.cached_tokens,
        queue_ms=(started - sequence.submitted_at) * 1000,
        sampling_ms=(now - started) * 1000,
    )


def _stop_after(
    sequence: Sequence, token: int, delta: str, eos_token_ids: frozenset[int]
) -> Stop | None:
    request = sequence.request
    stop_text = sequence.stops.push(delta)
    if token in eos_token_ids and not request.ignore_eos:
        return "stop", None
    if token in request.stop_token_ids:
        return "stop", token
    if stop_text is not None and sequence.sampled >= request.min_tokens:
        return "stop", stop_text
    return ("length", None) if sequence.sampled >= request.max_tokens else None
