"""The gradient of a weighted sum of log-probabilities."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from ssp_policy.errors import PolicyError
from ssp_policy.learner.forward import head_of, hidden_states, pad
from ssp_policy.learner.gradients import Gradient, norm_of, summed_gradient
from ssp_policy.learner.log_probs import TokenScores, backward_through_head
from ssp_policy.learner.micro_batches import plan_micro_batches
from ssp_policy.learner.requests import Tokens
from ssp_policy.learner.scoring import SequenceScores, no_scores, spread_scores
from ssp_policy.settings import Settings


@dataclass(frozen=True)
class WeightedGradient:
    """The sum of weight x log-probability, and its gradient by the trained parameters."""

    total: float
    gradient: Gradient
    scores: list[SequenceScores] | None
    """Of the tokens with a weight, in the order of the sequences; None where not asked for."""


def weighted_gradient(
    model: nn.Module,
    trained: Mapping[str, nn.Parameter],
    sequences: Sequence[Tokens],
    weights: Sequence[Sequence[float]],
    *,
    temperature: float,
    settings: Settings,
    scores: bool = False,
) -> WeightedGradient:
    """Give `sum_t w_t * log p_t` over all sequences, and its gradient by the trained parameters.

    It is the plain sum: nothing is divided by a count. Sequences are fed up to their last weight
    that is not 0, and only positions with a weight reach the head. With `scores` the same pass
    gives log-probability and entropy of the tokens. Raises SSP_POLICY_GRADIENT_NOT_FINITE; the
    model is left as it was.
    """
    lengths = [_fed_length(row) for row in weights]
    total = 0.0
    found = [no_scores(len(row), entropy=True) for row in weights]
    with _training_mode(model), summed_gradient(trained) as gradient:
        for group in plan_micro_batches(lengths, settings.training_tokens):
            part, token_scores = _add_micro_batch(
                model,
                trained,
                gradient,
                [sequences[index][: lengths[index] + 1] for index in group],
                [weights[index][1 : lengths[index] + 1] for index in group],
                temperature=temperature,
                chunk=settings.logit_chunk,
                entropy=scores,
            )
            total += part
            if scores:
                places = [_weighted_places(weights[index]) for index in group]
                rows = spread_scores(token_scores, [len(weights[i]) for i in group], places)
                for index, row in zip(group, rows, strict=True):
                    found[index] = row
    if not math.isfinite(total):
        raise PolicyError("SSP_POLICY_GRADIENT_NOT_FINITE", what="sum of weight x log-probability")
    if not math.isfinite(norm_of(gradient)):
        raise PolicyError("SSP_POLICY_GRADIENT_NOT_FINITE", what="gradient")
    return WeightedGradient(total, gradient, found if scores else None)


def _add_micro_batch(
    model: nn.Module,
    trained: Mapping[str, nn.Parameter],
    gradient: Gradient,
    sequences: Sequence[Tokens],
    weights: Sequence[Sequence[float]],
    *,
    temperature: float,
    chunk: int,
    entropy: bool,
) -> tuple[float, TokenScores]:
    """Add one micro-batch's gradient; gives its part of the sum and the weighted tokens' scores."""
    device = next(model.parameters()).device
    batch = pad(sequences, device)
    weights_P = torch.tensor([weight for row in weights for weight in row], device=device)
    needed_P = weights_P.nonzero().squeeze(-1)
    weights_P = weights_P[needed_P]
    hidden_PH = hidden_states(model, batch).index_select(0, needed_P)
    head = head_of(model)
    head_name = next((name for name, p in trained.items() if p is head.weight), None)
    with torch.no_grad():
        result = backward_through_head(
            hidden_PH,
            head,
            batch.targets[needed_P],
            weights_P,
            temperature=temperature,
            chunk=chunk,
            entropy=entropy,
            weight_sum=None if head_name is None else gradient[head_name],
        )
    hidden_PH.backward(result.hidden)
    part = float((result.scores.log_probs.double() * weights_P.double()).sum())
    return part, result.scores


def _fed_length(weights: Sequence[float]) -> int:
    """Count the tokens before the last one that has a weight; 0 where there is none."""
    return max(_weighted_places(weights), default=0)


def _weighted_places(weights: Sequence[float]) -> list[int]:
    return [place for place, weight in enumerate(weights) if weight != 0]


@contextmanager
def _training_mode(model: nn.Module) -> Generator[None]:
    """Switch on gradient checkpointing where it is enabled; there is no dropout to switch on."""
    model.train()
    try:
        with torch.inference_mode(mode=False), torch.enable_grad():
            yield
    finally:
        model.eval()
