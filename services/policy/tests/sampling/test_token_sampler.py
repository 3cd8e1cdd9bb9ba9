"""The distribution that tokens come from, and the log-probs that go with them."""

import math

import pytest
import torch

from ssp_policy.sampling.token_sampler import RowSettings, SampledRows, sample_rows, truncate

LOGITS = [2.0, 1.0, 0.5, 0.0, -1.0, 3.0, -2.0, 1.5]


def sample(
    logits: torch.Tensor,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    top: int = 0,
    forbidden: tuple[list[int], list[int]] = ([], []),
) -> SampledRows:
    rows = len(logits)
    return sample_rows(
        logits.clone(),
        RowSettings(
            seeds_R=torch.arange(rows),
            positions_R=torch.full((rows,), 11),
            temperatures_R=torch.full((rows,), temperature, dtype=torch.float64),
            top_ps_R=torch.full((rows,), top_p, dtype=torch.float64),
            top_ks_R=torch.full((rows,), top_k),
            draws=temperature > 0,
            truncated=list(range(rows)) if temperature and (top_k or top_p < 1) else [],
            forbidden=forbidden,
            top=top,
        ),
    )


def expected_probabilities(temperature: float, top_k: int, top_p: float) -> list[float]:
    """The distribution by plain arithmetic."""
    weights = [math.exp(logit / temperature) for logit in LOGITS]
    order = sorted(range(len(weights)), key=lambda token: -weights[token])
    kept = order[: top_k or None]
    total, mass, nucleus = sum(weights[token] for token in kept), 0.0, []
    for token in kept:
        if mass < top_p * total or not nucleus:
            nucleus.append(token)
        mass += weights[token]
    left = sum(weights[token] for token in nucleus)
    return [weights[token] / left if token in nucleus else 0.0 for token in range(len(LOGITS))]


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(1, 0, 1), (0.5, 0, 1), (2, 0, 1), (1, 3, 1), (1, 0, 0.8), (1.3, 4, 0.7), (1, 1, 1)],
)
def test_draws_follow_the_distribution(temperature: float, top_k: int, top_p: float) -> None:
    rows = 20_000
    drawn = sample(
        torch.tensor(LOGITS).expand(rows, -1), temperature=temperature, top_k=top_k, top_p=top_p
    )
    counts = torch.tensor(drawn.tokens).bincount(minlength=len(LOGITS)).tolist()
    expected = expected_probabilities(temperature, top_k, top_p)
    kept = [token for token in range(len(LOGITS)) if expected[token] > 0]
    assert sum(counts[token] for token in kept) == rows
    chi_square = sum(
        (counts[token] - rows * expected[token]) ** 2 / (rows * expected[token]) for token in kept
    )
    degrees = len(kept) - 1
    assert chi_square < degrees + 5 * math.sqrt(2 * degrees) + 1
    for token, logprob in zip(drawn.tokens, drawn.logprobs, strict=True):
        assert logprob == pytest.approx(math.log(expected[token]), abs=1e-5)


def test_temperature_zero_is_the_likeliest_with_its_unscaled_logprob() -> None:
    logits = torch.randn(50, 300, generator=torch.Generator().manual_seed(4))
    drawn = sample(logits, temperature=0, top_k=2, top_p=0.1)
    assert drawn.tokens == logits.argmax(-1).tolist()
    best = logits.log_softmax(-1).max(-1).values
    assert torch.allclose(torch.tensor(drawn.logprobs), best, atol=1e-5)


def test_mixed_rows_keep_to_their_own_settings() -> None:
    logits = torch.tensor(LOGITS).repeat(3, 1)
    settings = RowSettings(
        seeds_R=torch.tensor([1, 2, 3]),
        positions_R=torch.tensor([5, 6, 7]),
        temperatures_R=torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64),
        top_ps_R=torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64),
        top_ks_R=torch.tensor([0, 1, 0]),
        draws=True,
        truncated=[1],
        forbidden=([2], [5]),
        top=3,
    )
    drawn = sample_rows(logits, settings)
    assert drawn.tokens[:2] == [5, 5]
    assert drawn.logprobs[1] == 0.0
    assert drawn.top_ids[0] == [5, 0, 7]
    assert drawn.top_ids[2] == [0, 7, 1]
    log_total = math.log(sum(math.exp(logit) for logit in LOGITS))
    assert drawn.top_logprobs[0] == pytest.approx([3 - log_total, 2 - log_total, 1.5 - log_total])


def test_truncate_counts_equal_logits_once() -> None:
    inf = float("inf")
    kept = truncate(
        torch.tensor([[1.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0], [5.0, 1.0, 1.0, 1.0]]),
        torch.tensor([2, 0, 0]),
        torch.tensor([1.0, 0.5, 1e-9], dtype=torch.float64),
    )
    assert kept.tolist() == [
        [-inf, 2.0, 2.0, -inf],
        [0.0, 0.0, -inf, -inf],
        [5.0, -inf, -inf, -inf],
    ]


def test_logits_that_are_not_finite_give_nan() -> None:
    logits = torch.tensor([LOGITS, LOGITS, LOGITS])
    logits[1, 3] = float("nan")
    logits[2, 3] = float("inf")
    drawn = sample(logits)
    assert math.isfinite(drawn.logprobs[0])
    assert math.isnan(drawn.logprobs[1])
    assert math.isnan(drawn.logprobs[2])


def test_half_precision_logits_are_sampled_in_float32() -> None:
    logits = torch.tensor([LOGITS], dtype=torch.bfloat16)
    drawn = sample(logits)
    exact = logits.float().log_softmax(-1)[0, drawn.tokens[0]].item()
    assert drawn.logprobs == pytest.approx([exact], abs=1e-6)
