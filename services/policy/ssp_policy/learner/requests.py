"""What the learner refuses before it touches anything."""

import math
from collections.abc import Sequence

from ssp_policy.errors import PolicyError

Tokens = Sequence[int]


def check_sequences(sequences: Sequence[Tokens], *, vocab_size: int, max_length: int) -> None:
    """Refuse empty and too long sequences and tokens that the model does not have."""
    for index, tokens in enumerate(sequences):
        where = f"sequences[{index}].tokens"
        if len(tokens) == 0:
            raise _invalid(f"{where} is empty", where)
        if len(tokens) > max_length:
            raise PolicyError(
                "SSP_POLICY_SEQUENCE_TOO_LONG",
                param=where,
                where=where,
                length=len(tokens),
                limit=max_length,
            )
        for place, token in enumerate(tokens):
            if not 0 <= token < vocab_size:
                raise PolicyError(
                    "SSP_POLICY_TOKEN_OUT_OF_RANGE",
                    param=where,
                    where=f"{where}[{place}]",
                    token=token,
                    last=vocab_size - 1,
                )


def check_weights(sequences: Sequence[Tokens], weights: Sequence[Sequence[float]]) -> None:
    """Refuse weights that do not stand beside the tokens one by one, or are not finite."""
    if len(weights) != len(sequences):
        raise _shape("weights", len(weights), len(sequences))
    for index, (tokens, row) in enumerate(zip(sequences, weights, strict=True)):
        where = f"sequences[{index}].weights"
        if len(row) != len(tokens):
            raise _shape(where, len(row), len(tokens))
        for place, weight in enumerate(row):
            if not math.isfinite(weight):
                raise PolicyError(
                    "SSP_POLICY_WEIGHT_NOT_FINITE",
                    param=where,
                    where=f"{where}[{place}]",
                    value=weight,
                )
        if row[0] != 0:
            problem = f"{where}[0] is {row[0]}; nothing precedes the first token, so it must be 0"
            raise _invalid(problem, where)


def check_masks(sequences: Sequence[Tokens], masks: Sequence[Sequence[bool] | None] | None) -> None:
    """Refuse masks that do not stand beside the tokens one by one."""
    if masks is not None and len(masks) != len(sequences):
        raise _shape("masks", len(masks), len(sequences))
    for index, mask in enumerate(masks or ()):
        if mask is not None and len(mask) != len(sequences[index]):
            raise _shape(f"sequences[{index}].mask", len(mask), len(sequences[index]))


def check_temperature(temperature: float) -> None:
    """Refuse what logits cannot be divided by."""
    if not (math.isfinite(temperature) and temperature > 0):
        raise _invalid(f"temperature is {temperature}; it must be above 0", "temperature")


def _shape(where: str, found: int, expected: int) -> PolicyError:
    return PolicyError(
        "SSP_POLICY_SHAPE_MISMATCH", param=where, where=where, found=found, expected=expected
    )


def _invalid(problem: str, where: str) -> PolicyError:
    return PolicyError("SSP_POLICY_REQUEST_INVALID", param=where, problem=problem)
