"""The gradient of a weighted sum of log-probabilities."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ssp_policy.errors import PolicyError
from ssp_policy.learner.forward import MicroBatch, Places, head_of, hidden_states, micro_batches
from ssp_policy.learner.gradients import Gradient, norm_of, summed_gradient
from ssp_policy.learner.log_probs import TokenScores, backward_through_head
from ssp_policy.learner.requests import Tokens
from ssp_policy.learner.scoring import SequenceScores, no_scores, put_scores
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
    that is not 0, what several begin with is fed once, and only positions with a weight reach the
    head. With `scores` the same pass gives log-probability and entropy of the tokens. Raises
    SSP_POLICY_GRADIENT_NOT_FINITE; the model is left as it was.
    """
    wanted = [_weighted_places(row) for row in weights]
    total = 0.0
    found = [no_scores(len(row), entropy=True) for row in weights]
    with _training_mode(model), summed_gradient(trained) as gradient:
        for batch in micro_batches(sequences, wanted, settings.training_tokens, model):
            weights_P = _summed_weights(batch, wanted, weights)
            token_scores = _add_micro_batch(
                model,
                trained,
                gradient,
                batch,
                weights_P,
                temperature=temperature,
                chunk=settings.logit_chunk,
                entropy=scores,
            )
            total += float((token_scores.log_probs.double() * weights_P.double()).sum())
            if scores:
                put_scores(found, token_scores, batch, wanted)
    if not math.isfinite(total):
        raise PolicyError("SSP_POLICY_GRADIENT_NOT_FINITE", what="sum of weight x log-probability")
    if not math.isfinite(norm_of(gradient)):
        raise PolicyError("SSP_POLICY_GRADIENT_NOT_FINITE", what="gradient")
    return WeightedGradient(total, gradient, found if scores else None)


def _summed_weights(
    batch: MicroBatch, wanted: Places, weights: Sequence[Sequence[float]]
) -> Tensor:
    """Give the weight [positions] of each token of the batch, of all sequences that share it."""
    summed = [0.0] * len(batch.targets)
    for number, seats in batch.seats.items():
        for place, seat in zip(wanted[number], seats, strict=True):
            summed[seat] += weights[number][place]
    return torch.tensor(summed, device=batch.targets.device)


def _add_micro_batch(
    model: nn.Module,
    trained: Mapping[str, nn.Parameter],
    gradient: Gradient,
    batch: MicroBatch,
    weights_P: Tensor,
    *,
    temperature: float,
    chunk: int,
    entropy: bool,
) -> TokenScores:
    """Add one micro-batch's gradient; gives the scores of its tokens."""
    hidden_PH = hidden_states(model, batch)
    head = head_of(model)
    head_name = next((name for name, p in trained.items() if p is head.weight), None)
    with torch.no_grad():
        result = backward_through_head(
            hidden_PH,
            head,
            batch.targets,
            weights_P,
            temperature=temperature,
            chunk=chunk,
            entropy=entropy,
            weight_sum=None if head_name is None else gradient[head_name],
        )
    hidden_PH.backward(result.hidden)
    return result.scores


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
