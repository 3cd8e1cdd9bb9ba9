"""What goes into the sampling engine and what comes out of it."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from ssp_policy.errors import PolicyError

FinishReason = Literal["stop", "length", "cancelled", "error"]


@dataclass(frozen=True)
class SampleRequest:
    """One completion to sample; ranges are checked by `SamplingEngine.submit`.

    The noise depends on `seed` and the position in the sequence only, so the same request gives
    the same tokens whatever else is sampled beside it, but for float differences at near ties.
    """

    model: str
    prompt: tuple[int, ...]
    """Token ids, at least one."""
    max_tokens: int
    """At least 1."""
    temperature: float = 1.0
    """0 takes the likeliest token."""
    top_p: float = 1.0
    """In (0, 1]; 1 is off."""
    top_k: int = 0
    """0 is off."""
    stop: tuple[str, ...] = ()
    """Texts that end the completion; they count in sampled text only and stay in the output."""
    stop_token_ids: frozenset[int] = frozenset()
    ignore_eos: bool = False
    min_tokens: int = 0
    """Before this many tokens neither an end-of-sequence token nor a stop token can be sampled,
    and no stop text is looked for."""
    seed: int = 0
    top_logprobs: int = 0
    """0 to 20."""
    skip_special_tokens: bool = True
    """Leave special tokens out of the text; stop texts are looked for in the same text."""


@dataclass(frozen=True, slots=True)
class SampledToken:
    """One sampled token, as its listener gets it."""

    id: int
    logprob: float
    """Of the distribution sampled from; at temperature 0 of the unscaled distribution."""
    text_delta: str
    """New text; all deltas together are the decoded tokens. Half a character waits for the rest."""
    top: tuple[tuple[int, float], ...] = ()
    """The likeliest tokens with their log-probs, best first; at most `top_logprobs`."""


@dataclass(frozen=True)
class SampleEnd:
    """How a completion ended."""

    finish_reason: FinishReason
    stop_reason: str | int | None = None
    """The stop text or the stop token; None at an end-of-sequence token."""
    error: PolicyError | None = None
    weights_version: str = ""
    """Of the model that sampled it; empty if nothing was begun."""
    cached_tokens: int = 0
    """Prompt tokens whose keys and values were found in the prefix cache."""
    queue_ms: float = 0.0
    sampling_ms: float = 0.0


class Listener(Protocol):
    """Takes the tokens of one request, on the thread that runs the batches."""

    def on_token(self, token: SampledToken, /) -> None:
        """Take the next token."""
        ...

    def on_end(self, end: SampleEnd, /) -> None:
        """Take the end; nothing follows it."""
        ...


@dataclass(frozen=True)
class SamplingLimits:
    """The engine's sizes."""

    blocks: int
    """Blocks of the key-value cache, shared by all models."""
    block_size: int = 16
    """Tokens in one block."""
    max_running: int = 256
    max_waiting: int = 4096
    prefill_tokens: int = 2048
    """Prompt tokens that one batch takes beside the running requests' one token each."""
    max_sequence_tokens: int | None = None
    """Longest prompt with its completion; the model's context at most."""


@dataclass
class SamplingStats:
    """Counters since the start, and what is going on now."""

    running: int = 0
    waiting: int = 0
    blocks: int = 0
    blocks_used: int = 0
    cache_bytes: int = 0
    """What keys and values take now; 0 before the first batch and while training."""
    batches: int = 0
    tokens_sampled: int = 0
    tokens_prefilled: int = 0
    """Tokens that were computed without one being sampled after them: prompts but for their last
    token, and what is computed again after a preemption."""
    prefix_hit_tokens: int = 0
    """Tokens whose keys and values were found in the cache instead."""
    preemptions: int = 0
    ended: dict[FinishReason, int] = field(
        default_factory=lambda: {"stop": 0, "length": 0, "cancelled": 0, "error": 0}
    )
