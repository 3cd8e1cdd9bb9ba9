"""What a request must be before it is queued."""

import math

from ssp_policy.errors import PolicyError
from ssp_policy.sampling.request import SampleRequest

MAX_TOP_LOGPROBS = 20


def check_request(
    request: SampleRequest, *, vocab_size: int, longest: int, has_tokenizer: bool
) -> None:
    """Raise a coded error for a request that cannot be sampled.

    `longest` is the room for a prompt with its completion, in tokens.
    """
    if not request.prompt:
        _refuse("the prompt is empty; a model needs one token at least", "prompt")
    for token in request.prompt:
        if not 0 <= token < vocab_size:
            raise PolicyError(
                "SSP_POLICY_TOKEN_OUT_OF_RANGE",
                where="The prompt",
                token=token,
                last=vocab_size - 1,
                param="prompt",
            )
    if request.max_tokens < 1:
        _refuse("max_tokens must be at least 1", "max_tokens")
    length = len(request.prompt) + request.max_tokens
    if length > longest:
        raise PolicyError(
            "SSP_POLICY_SEQUENCE_TOO_LONG",
            where="The prompt with max_tokens",
            length=length,
            limit=longest,
            param="max_tokens",
        )
    if request.stop and not has_tokenizer:
        raise PolicyError("SSP_POLICY_NO_TOKENIZER", what="stop", param="stop")
    _check_sampling(request)


def _check_sampling(request: SampleRequest) -> None:
    if not (math.isfinite(request.temperature) and request.temperature >= 0):
        _refuse("temperature must be a number from 0 on", "temperature")
    if not 0 < request.top_p <= 1:
        _refuse("top_p must be above 0 and at most 1", "top_p")
    if request.top_k < 0:
        _refuse("top_k must be at least 0, which is off", "top_k")
    if not 0 <= request.min_tokens <= request.max_tokens:
        _refuse("min_tokens must be from 0 to max_tokens", "min_tokens")
    if not 0 <= request.top_logprobs <= MAX_TOP_LOGPROBS:
        _refuse(f"logprobs must be from 0 to {MAX_TOP_LOGPROBS}", "logprobs")
    if "" in request.stop:
        _refuse("a stop text must not be empty", "stop")


def _refuse(problem: str, param: str) -> None:
    raise PolicyError("SSP_POLICY_REQUEST_INVALID", problem=problem, param=param)
