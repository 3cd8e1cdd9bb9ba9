"""Log-probabilities of given tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ssp_policy.learner.forward import head_of, hidden_states, pad
from ssp_policy.learner.log_probs import TokenScores, score_tokens
from ssp_policy.learner.micro_batches import plan_micro_batches
from ssp_policy.learner.requests import Tokens
from ssp_policy.settings import Settings

Mask = Sequence[bool]
"""Which tokens of a sequence are wanted; the first never has a score."""


@dataclass(frozen=True)
class SequenceScores:
    """One value for each token of a sequence; None for the first, and where none was wanted.

    `logprobs` are natural logarithms; `entropy` (nats, None where not asked for) is that of the
    distribution which the token was drawn from.
    """

    logprobs: list[float | None]
    entropy: list[float | None] | None


def score_sequences(
    model: nn.Module,
    sequences: Sequence[Tokens],
    *,
    temperature: float,
    entropy: bool,
    settings: Settings,
    masks: Sequence[Mask | None] | None = None,
) -> list[SequenceScores]:
    """Score checked sequences in their order; a model without gradients is expected.

    With a mask a sequence is fed up to its last wanted token, and only wanted ones reach the head.
    """
    device = next(model.parameters()).device
    wanted = [_wanted(tokens, masks[i] if masks else None) for i, tokens in enumerate(sequences)]
    results = [no_scores(len(tokens), entropy=entropy) for tokens in sequences]
    lengths = [places[-1] if places else 0 for places in wanted]
    for group in plan_micro_batches(lengths, settings.training_tokens):
        batch = pad([sequences[index][: lengths[index] + 1] for index in group], device)
        hidden_PH, targets_P = hidden_states(model, batch), batch.targets
        sizes = [len(wanted[index]) for index in group]
        if sum(sizes) < len(targets_P):
            needed_P = _places([wanted[i] for i in group], [lengths[i] for i in group], device)
            hidden_PH, targets_P = hidden_PH[needed_P], targets_P[needed_P]
        scores = score_tokens(
            hidden_PH,
            head_of(model),
            targets_P,
            temperature=temperature,
            chunk=settings.logit_chunk,
            entropy=entropy,
        )
        group_lengths = [len(sequences[index]) for index in group]
        spread = spread_scores(scores, group_lengths, [wanted[index] for index in group])
        for index, result in zip(group, spread, strict=True):
            results[index] = result
    return results


def no_scores(length: int, *, entropy: bool) -> SequenceScores:
    """Give the scores of a sequence of which no token is wanted."""
    return _spread(length, (), [], [] if entropy else None)


def spread_scores(
    scores: TokenScores, lengths: Sequence[int], places: Sequence[Sequence[int]]
) -> list[SequenceScores]:
    """Put the scores of a batch, row after row, at their places among the tokens of each row."""
    sizes = [len(row) for row in places]
    log_probs = [part.tolist() for part in scores.log_probs.split(sizes)]
    entropies = None if scores.entropy is None else scores.entropy.split(sizes)
    return [
        _spread(length, row, log_probs[i], None if entropies is None else entropies[i].tolist())
        for i, (length, row) in enumerate(zip(lengths, places, strict=True))
    ]


def _wanted(tokens: Tokens, mask: Mask | None) -> Sequence[int]:
    """Give the places of the tokens that get a score, counted from 0."""
    places = range(1, len(tokens))
    return places if mask is None else [place for place in places if mask[place]]


def _places(
    wanted: Sequence[Sequence[int]], lengths: Sequence[int], device: torch.device
) -> Tensor:
    """Give where wanted tokens are predicted among the real positions of a batch."""
    places: list[int] = []
    start = 0
    for row, length in zip(wanted, lengths, strict=True):
        places.extend(start + place - 1 for place in row)
        start += length
    return torch.tensor(places, device=device)


def _spread(
    length: int, places: Iterable[int], logprobs: list[float], entropy: list[float] | None
) -> SequenceScores:
    """Put values at their places among `length` tokens, None elsewhere."""

    def spread(values: list[float]) -> list[float | None]:
        row: list[float | None] = [None] * length
        for place, value in zip(places, values, strict=True):
            row[place] = value
        return row

    return SequenceScores(spread(logprobs), None if entropy is None else spread(entropy))
