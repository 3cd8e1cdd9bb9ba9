"""From the body of a sampling call to the engine's requests, and back to OpenAI's fields."""

import time
import uuid
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

from ssp_policy.errors import PolicyError
from ssp_policy.http.choices import Choice
from ssp_policy.http.sampling_schemas import SamplingRequest
from ssp_policy.model.weights import Weights
from ssp_policy.parts import derive_seed
from ssp_policy.sampling.request import SampleRequest
from ssp_policy.sampling.text_stream import TokenBytes

Tokens = tuple[int, ...]


def make_requests(
    body: SamplingRequest,
    prompts: Sequence[Tokens],
    *,
    seed: int,
    max_tokens: int,
    top_logprobs: int,
) -> list[SampleRequest]:
    """Give `n` requests for each prompt, in the order of the choices."""
    if body.min_tokens > max_tokens:
        problem = f"min_tokens is {body.min_tokens}, above max_tokens, which is {max_tokens}."
        raise PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param="min_tokens")
    return [
        SampleRequest(
            model=body.model,
            prompt=prompt,
            max_tokens=max_tokens,
            temperature=body.temperature,
            top_p=body.top_p,
            top_k=max(body.top_k, 0),
            stop=body.stops,
            stop_token_ids=frozenset(body.stop_token_ids),
            ignore_eos=body.ignore_eos,
            min_tokens=body.min_tokens,
            seed=derive_seed(seed, row, choice),
            top_logprobs=top_logprobs,
            skip_special_tokens=body.skip_special_tokens,
        )
        for row, prompt in enumerate(prompts)
        for choice in range(body.n)
    ]


def check_prompt(where: str, prompt: Tokens, max_tokens: int, weights: Weights) -> None:
    """Refuse a prompt that is empty, has other tokens than the model, or leaves too little room."""
    if not prompt:
        problem = f"{where} is empty; it needs at least one token."
        raise PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param=where)
    if max(prompt) >= weights.vocab_size:
        place = next(i for i, token in enumerate(prompt) if token >= weights.vocab_size)
        raise PolicyError(
            "SSP_POLICY_TOKEN_OUT_OF_RANGE",
            param=where,
            where=f"{where}[{place}]",
            token=prompt[place],
            last=weights.vocab_size - 1,
        )
    if len(prompt) + max_tokens > weights.max_length:
        raise PolicyError(
            "SSP_POLICY_SEQUENCE_TOO_LONG",
            param=where,
            where=f"{where} ({len(prompt)} tokens, max_tokens {max_tokens})",
            length=len(prompt) + max_tokens,
            limit=weights.max_length,
        )


def need_tokenizer(weights: Weights, what: str) -> PreTrainedTokenizerBase:
    """Give the tokenizer; raises SSP_POLICY_NO_TOKENIZER."""
    if weights.tokenizer is None:
        raise PolicyError("SSP_POLICY_NO_TOKENIZER", what=what)
    return weights.tokenizer


class TokenNames:
    """How single tokens are written in `logprobs`: as their text, or as `token_id:7`.

    The latter where half a character has no text of its own; in one list of likeliest tokens each
    name is used once.
    """

    def __init__(self, token_bytes: TokenBytes | None) -> None:
        self._token_bytes = token_bytes

    def of(self, token: int) -> str:
        """Give the name of a token."""
        try:
            return (self.bytes_of(token) or b"").decode() or f"token_id:{token}"
        except UnicodeDecodeError:
            return f"token_id:{token}"

    def bytes_of(self, token: int) -> bytes | None:
        """Give a token's bytes, which may be half a character; None where it has none."""
        if self._token_bytes is None:
            return None
        return self._token_bytes.of(token, skip_special=False) or None

    def top(self, pairs: Sequence[tuple[int, float]]) -> dict[str, float]:
        """Give the likeliest tokens by name."""
        named: dict[str, float] = {}
        for token, logprob in pairs:
            name = self.of(token)
            named[f"token_id:{token}" if name in named else name] = logprob
        return named


def envelope(kind: str, prefix: str, model: str) -> dict[str, Any]:
    """Give the fields that every reply of one call has."""
    return {
        "id": f"{prefix}-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def usage(choices: Sequence[Choice], n: int) -> dict[str, Any]:
    """Count tokens: each prompt once, all completions."""
    firsts = choices[::n]
    prompt_tokens = sum(len(choice.request.prompt) for choice in firsts)
    completion_tokens = sum(len(choice.tokens) for choice in choices)
    cached = sum(choice.end.cached_tokens for choice in firsts if choice.end is not None)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def timings(choices: Sequence[Choice]) -> dict[str, Any]:
    """Give which weights sampled, and the longest times of the choices.

    Choices of one call may have begun on two sides of a step: each names its own weights too.
    """
    ends = [choice.finished() for choice in choices]
    return {
        "weights_version": ends[0].weights_version,
        "queue_ms": round(max(end.queue_ms for end in ends), 3),
        "sampling_ms": round(max(end.sampling_ms for end in ends), 3),
    }


def ending(choice: Choice, *, with_ids: bool) -> dict[str, Any]:
    """Give how a choice ended, with its token ids if asked for."""
    end = choice.finished()
    fields: dict[str, Any] = {
        "finish_reason": end.finish_reason,
        "stop_reason": end.stop_reason,
        "weights_version": end.weights_version,
    }
    if with_ids:
        fields["token_ids"] = [token.id for token in choice.tokens]
        fields["prompt_token_ids"] = list(choice.request.prompt)
    return fields
