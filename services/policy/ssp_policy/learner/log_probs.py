"""Log-probabilities of tokens and their gradient, without the whole matrix of logits.

Only a chunk of positions is multiplied with the vocabulary at a time. The gradient of
`sum_t w_t * log p_t` by the logits z of position t is known in closed form,

    w_t / temperature * (onehot(token_t) - softmax(z_t / temperature)),

so a backward pass needs no second look at the logits: while a chunk is there, it gives the
log-probs, its part of the gradient by the hidden states, and its part of the head's own gradient.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Head:
    """The output projection, without bias in all supported families."""

    weight: Tensor
    """[vocabulary, hidden]"""

    def logits(self, hidden_PH: Tensor) -> Tensor:
        """Give fp32 logits [positions, vocabulary], fresh memory that may be changed."""
        return torch.nn.functional.linear(hidden_PH, self.weight).float()


@dataclass(frozen=True)
class TokenScores:
    """Of each position: log-prob of its token, and where asked the entropy in nats; fp32."""

    log_probs: Tensor
    entropy: Tensor | None


def score_tokens(
    hidden_PH: Tensor,
    head: Head,
    tokens_P: Tensor,
    *,
    temperature: float,
    chunk: int,
    entropy: bool,
) -> TokenScores:
    """Score token `tokens_P[i]` under the distribution that hidden state i predicts.

    `chunk` is the number of positions whose logits exist at one time. No positions give empty
    tensors.
    """
    log_probs = torch.empty(len(tokens_P), dtype=torch.float32, device=hidden_PH.device)
    entropies = torch.empty_like(log_probs) if entropy else None
    for part in _chunks(len(tokens_P), chunk):
        all_log_probs = _log_softmax(head.logits(hidden_PH[part]), temperature)
        log_probs[part] = _picked(all_log_probs, tokens_P[part])
        if entropies is not None:
            entropies[part] = _entropy(all_log_probs)
    return TokenScores(log_probs, entropies)


@dataclass(frozen=True)
class HeadGradient:
    """What a backward pass through the head gives: the scores [P] and d sum / d hidden [P, H]."""

    scores: TokenScores
    hidden: Tensor


def backward_through_head(
    hidden_PH: Tensor,
    head: Head,
    tokens_P: Tensor,
    weights_P: Tensor,
    *,
    temperature: float,
    chunk: int,
    entropy: bool,
    weight_sum: Tensor | None,
) -> HeadGradient:
    """Differentiate `sum_i weights_P[i] * log p(tokens_P[i])` by the hidden states and the head.

    The head's gradient is added to `weight_sum` (fp32, shape of the head's weight); None where the
    head is not trained. The hidden states' gradient has their dtype. No position
    gives empty tensors and adds nothing.
    """
    log_probs = torch.empty(len(tokens_P), dtype=torch.float32, device=hidden_PH.device)
    entropies = torch.empty_like(log_probs) if entropy else None
    hidden_gradient = torch.empty_like(hidden_PH)
    for part in _chunks(len(tokens_P), chunk):
        hidden, tokens = hidden_PH[part], tokens_P[part]
        scores = _log_softmax(head.logits(hidden), temperature)
        log_probs[part] = _picked(scores, tokens)
        if entropies is not None:
            entropies[part] = _entropy(scores)
        scale = (weights_P[part] / temperature).unsqueeze(-1)
        logit_gradient = scores.exp_().mul_(-scale)
        logit_gradient.scatter_add_(-1, tokens.unsqueeze(-1), scale)
        logit_gradient = logit_gradient.to(hidden.dtype)
        hidden_gradient[part] = logit_gradient @ head.weight
        if weight_sum is not None:
            weight_sum.add_(logit_gradient.T @ hidden)
    return HeadGradient(TokenScores(log_probs, entropies), hidden_gradient)


def _chunks(total: int, size: int) -> Iterator[slice]:
    for start in range(0, total, size):
        yield slice(start, min(start + size, total))


def _log_softmax(logits: Tensor, temperature: float) -> Tensor:
    """Turn logits into log-probs in place; only the sum's exponentials are a second matrix."""
    logits.div_(temperature)
    return logits.sub_(torch.logsumexp(logits, -1, keepdim=True))


def _entropy(log_probs_PV: Tensor) -> Tensor:
    return -(log_probs_PV.exp() * log_probs_PV).sum(-1)


def _picked(log_probs_PV: Tensor, tokens_P: Tensor) -> Tensor:
    return log_probs_PV.gather(-1, tokens_P.unsqueeze(-1)).squeeze(-1)
