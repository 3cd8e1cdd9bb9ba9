"""Log-probabilities of given tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from ssp_policy.learner.forward import MicroBatch, Places, head_of, hidden_states, micro_batches
from ssp_policy.learner.log_probs import TokenScores, score_tokens
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

    With a mask a sequence is fed up to its last wanted token, and only wanted ones reach the head;
    what several sequences begin with is fed once.
    """
    wanted = [_wanted(tokens, masks[i] if masks else None) for i, tokens in enumerate(sequences)]
    results = [no_scores(len(tokens), entropy=entropy) for tokens in sequences]
    for batch in micro_batches(sequences, wanted, settings.training_tokens, model):
        scores = score_tokens(
            hidden_states(model, batch),
            head_of(model),
            batch.targets,
            temperature=temperature,
            chunk=settings.logit_chunk,
            entropy=entropy,
        )
        put_scores(results, scores, batch, wanted)
    return results


def no_scores(length: int, *, entropy: bool) -> SequenceScores:
    """Give the scores of a sequence of which no token is wanted."""

    def nothing() -> list[float | None]:
        return [None] * length

    return SequenceScores(nothing(), nothing() if entropy else None)


def put_scores(
    results: Sequence[SequenceScores], scores: TokenScores, batch: MicroBatch, wanted: Places
) -> None:
    """Put the scores of a batch at the places of the wanted tokens of its sequences."""
    log_probs = scores.log_probs.tolist()
    entropies = None if scores.entropy is None else scores.entropy.tolist()
    for number, seats in batch.seats.items():
        _put(results[number].logprobs, log_probs, wanted[number], seats)
        _put(results[number].entropy, entropies, wanted[number], seats)


def _put(
    row: list[float | None] | None,
    values: list[float] | None,
    places: Sequence[int],
    seats: Sequence[int],
) -> None:
    if row is None or values is None:
        return
    for place, seat in zip(places, seats, strict=True):
        row[place] = values[seat]


def _wanted(tokens: Tokens, mask: Mask | None) -> Sequence[int]:
    """Give the places of the tokens that get a score, counted from 0."""
    places = range(1, len(tokens))
    return places if mask is None else [place for place in places if mask[place]]
