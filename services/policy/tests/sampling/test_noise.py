"""The counter-based noise: a hash checked by hand, uniform, and independent between rows."""

import math

import pytest
import torch

from ssp_policy.sampling.noise import _mix, gumbel_noise, signed64

EULER_GAMMA = 0.5772156649015329
MASK = 2**64 - 1


def splitmix64_finish(bits: int) -> int:
    """The reference in plain integers."""
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & MASK
    return bits ^ (bits >> 31)


def noise(seeds: list[int], positions: list[int], vocab_size: int) -> torch.Tensor:
    return gumbel_noise(torch.tensor(seeds), torch.tensor(positions), vocab_size, torch.float64)


def test_hash_is_splitmix64() -> None:
    # The first outputs of SplitMix64 seeded with 1234567, as published with the Rosetta Code task.
    state, outputs = 1234567, []
    for _ in range(3):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = int(_mix(torch.tensor([signed64(state)]))[0]) & MASK
        assert mixed == splitmix64_finish(state)
        outputs.append(mixed)
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_noise_is_gumbel(dtype: torch.dtype) -> None:
    seeds = torch.arange(400)
    drawn = gumbel_noise(seeds, seeds * 7, 1000, dtype).double().flatten()
    count = len(drawn)
    # exp(-exp(-x)) of a Gumbel variable is uniform: 100 cells, chi-square with 99 degrees.
    cells = torch.exp(-torch.exp(-drawn)).mul(100).long().clamp_max(99).bincount(minlength=100)
    chi_square = ((cells - count / 100) ** 2 / (count / 100)).sum().item()
    assert abs(chi_square - 99) < 5 * math.sqrt(2 * 99)
    assert abs(drawn.mean().item() - EULER_GAMMA) < 5 * math.pi / math.sqrt(6 * count)


def test_rows_are_independent() -> None:
    """Neighbouring seeds, positions and tokens are as uncorrelated as 200 x 2,000 draws can be."""
    rows = noise([seed for seed in range(10) for _ in range(20)], list(range(20)) * 10, 2000)
    correlation = torch.corrcoef(rows).fill_diagonal_(0)
    assert correlation.abs().max().item() < 6 / math.sqrt(2000)
    neighbours = torch.corrcoef(torch.stack([rows[:, :-1].flatten(), rows[:, 1:].flatten()]))
    assert abs(neighbours[0, 1].item()) < 5 / math.sqrt(rows.numel())


def test_a_row_does_not_depend_on_its_batch() -> None:
    together = noise([3, 2**63 - 1, -5], [9, 0, 4], 300)
    for row, (seed, position) in enumerate([(3, 9), (2**63 - 1, 0), (-5, 4)]):
        assert torch.equal(together[row : row + 1], noise([seed], [position], 300))
    assert not torch.equal(noise([3], [9], 300), noise([9], [3], 300))


def test_many_rows_are_drawn_in_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = noise(list(range(7)), [1] * 7, 50)
    monkeypatch.setattr("ssp_policy.sampling.noise._MAX_ELEMENTS", 101)
    assert torch.equal(whole, noise(list(range(7)), [1] * 7, 50))


def test_seeds_of_any_size() -> None:
    assert [signed64(seed) for seed in (0, 2**63, 2**64 - 1, -1)] == [0, -(2**63), -1, -1]
