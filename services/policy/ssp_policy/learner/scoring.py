"""Log-probabilities of given tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from ssp_policy.learner.forward import head_of, hidden_states, pad
from ssp_policy.learner.log_probs import score_tokens
from ssp_policy.learner.micro_batches import plan_micro_batches
from ssp_policy.learner.requests import Tokens
from ssp_policy.settings import Settings


@dataclass(frozen=True)
class SequenceScores:
    """One value for each token of a sequence; the first is None, as nothing precedes it.

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
) -> list[SequenceScores]:
    """Score checked sequences in their order; a model without gradients is expected."""
    device = next(model.parameters()).device
    empty = SequenceScores([None], [None] if entropy else None)
    results = [empty] * len(sequences)
    lengths = [len(tokens) - 1 for tokens in sequences]
    for group in plan_micro_batches(lengths, settings.training_tokens):
        batch = pad([sequences[index] for index in group], device)
        scores = score_tokens(
            hidden_states(model, batch),
            head_of(model),
            batch.targets,
            temperature=temperature,
            chunk=settings.logit_chunk,
            entropy=entropy,
        )
        sizes = [lengths[index] for index in group]
        rows = [part.tolist() for part in scores.log_probs.split(sizes)]
        entropies = None
        if scores.entropy is not None:
            entropies = [part.tolist() for part in scores.entropy.split(sizes)]
        for place, index in enumerate(group):
            results[index] = SequenceScores(
                [None, *rows[place]], None if entropies is None else [None, *entropies[place]]
            )
    return results
