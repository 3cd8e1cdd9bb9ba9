"""One token for each row of logits: temperature, top-k, top-p, then the Gumbel maximum."""

from dataclasses import dataclass

import torch

from ssp_policy.sampling.noise import gumbel_noise


@dataclass
class RowSettings:
    """How each of R rows is sampled; the tensors stand on the logits' device."""

    seeds_R: torch.Tensor
    positions_R: torch.Tensor
    """Index of the token to be drawn in its sequence, prompt included."""
    temperatures_R: torch.Tensor
    """0 takes the likeliest token."""
    top_ps_R: torch.Tensor
    top_ks_R: torch.Tensor
    """0 is off."""
    draws: bool
    """Whether any temperature is above 0."""
    truncated: list[int]
    """Rows with a temperature above 0 and a top-k or a top-p."""
    forbidden: tuple[list[int], list[int]]
    """Rows and tokens that must not be drawn, as pairs."""
    top: int
    """Likeliest tokens wanted, the most of any row."""


@dataclass
class SampledRows:
    """Tokens and log-probs of R rows; a log-prob is NaN where the logits are not finite."""

    tokens: list[int]
    logprobs: list[float]
    top_ids: list[list[int]]
    top_logprobs: list[list[float]]


def sample_rows(logits_R_V: torch.Tensor, settings: RowSettings) -> SampledRows:
    """Draw a token for each row, with its log-prob in the distribution that it was drawn from.

    Log-probs are computed in float32 at least and given in float32: the last digits of float64
    would show the shape of the batch. Top-k comes before top-p, and both after the temperature. The
    logits may be overwritten.
    """
    logits = logits_R_V if logits_R_V.dtype == torch.float64 else logits_R_V.float()
    if settings.forbidden[0]:
        logits[settings.forbidden] = float("-inf")
    greedy_R = settings.temperatures_R == 0
    scaled = logits / settings.temperatures_R.masked_fill(greedy_R, 1).to(logits.dtype)[:, None]
    _truncate_rows(scaled, settings)
    total_R = scaled.logsumexp(-1)
    tokens_R = _choose(scaled, greedy_R, settings)
    logprobs_R = scaled.gather(1, tokens_R[:, None])[:, 0] - total_R
    logprobs_R.masked_fill_(~total_R.isfinite(), float("nan"))
    best = scaled.topk(min(settings.top, scaled.shape[1]), dim=-1)
    return SampledRows(
        tokens_R.tolist(),
        logprobs_R.float().tolist(),
        best.indices.tolist(),
        (best.values - total_R[:, None]).float().tolist(),
    )


def _choose(scaled: torch.Tensor, greedy_R: torch.Tensor, settings: RowSettings) -> torch.Tensor:
    if not settings.draws:
        return scaled.argmax(-1)
    noise = gumbel_noise(
        settings.seeds_R, settings.positions_R, scaled.shape[1], scaled.dtype
    ).masked_fill_(greedy_R[:, None], 0)
    return noise.add_(scaled).argmax(-1)


def _truncate_rows(scaled: torch.Tensor, settings: RowSettings) -> None:
    """Set what top-k and top-p leave out to -inf, in place."""
    rows = settings.truncated
    if rows:
        scaled[rows] = truncate(scaled[rows], settings.top_ks_R[rows], settings.top_ps_R[rows])


def truncate(
    logits_R_V: torch.Tensor, top_ks_R: torch.Tensor, top_ps_R: torch.Tensor
) -> torch.Tensor:
    """Keep the `top_k` likeliest tokens, and of these the fewest that hold `top_p`; -inf elsewhere.

    The probabilities that top-p counts are those after top-k. At least one token stays. Among
    equal logits the lower id comes first.
    """
    ordered, order = logits_R_V.sort(dim=-1, descending=True, stable=True)
    rank_V = torch.arange(ordered.shape[1], device=ordered.device)
    out_of_k = (rank_V >= top_ks_R[:, None]) & (top_ks_R[:, None] > 0)
    ordered = ordered.masked_fill(out_of_k, float("-inf"))
    probabilities = ordered.softmax(-1)
    before = probabilities.cumsum(-1) - probabilities
    out_of_p = (before >= top_ps_R[:, None]) & (top_ps_R[:, None] < 1)
    out_of_p[:, 0] = False
    ordered = ordered.masked_fill(out_of_p, float("-inf"))
    return torch.empty_like(ordered).scatter_(1, order, ordered)
