"""Random numbers that depend on (seed, position, token) and on nothing else.

A counter-based generator: each number is a hash of its place, so rows can be drawn in any order and
in any batch. The hash is the finisher of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
pseudorandom number generators"), which steps from token to token from a start that seed and
position give.
"""

import torch

_STEP = 0x9E3779B97F4A7C15 - 2**64
_FACTORS = (0xBF58476D1CE4E5B9 - 2**64, 0x94D049BB133111EB - 2**64)
_MAX_ELEMENTS = 1 << 24
"""Numbers of one pass: bounds the memory of the 64-bit integers behind them."""


def signed64(number: int) -> int:
    """Give the signed 64-bit integer with the same lowest 64 bits."""
    return (number + 2**63) % 2**64 - 2**63


def gumbel_noise(
    seeds_R: torch.Tensor, positions_R: torch.Tensor, vocab_size: int, dtype: torch.dtype
) -> torch.Tensor:
    """Draw standard Gumbel noise (R, vocab_size) in float32 or float64.

    The argmax of logits plus this noise is a draw from their softmax. Seeds and positions are
    int64; equal pairs give equal rows.
    """
    keys_R = _mix(_mix(seeds_R.clone()).add_(positions_R))
    steps_V = torch.arange(1, vocab_size + 1, device=keys_R.device) * _STEP
    noise = torch.empty((len(keys_R), vocab_size), dtype=dtype, device=keys_R.device)
    rows = max(1, _MAX_ELEMENTS // vocab_size)
    for start in range(0, len(keys_R), rows):
        bits = _mix(keys_R[start : start + rows, None] + steps_V)
        noise[start : start + rows] = _gumbel(bits, dtype)
    return noise


def _gumbel(bits: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Turn 64 random bits into -log(-log(1 - u)), u uniform in (0, 1).

    Large noise comes from small u, which floats hold to full precision; u near 1 cannot win.
    """
    uniform = (bits >> 11).bitwise_and_(2**53 - 1).to(dtype).add_(0.5).mul_(2.0**-53)
    return uniform.neg_().log1p_().neg_().log_().neg_()


def _mix(bits: torch.Tensor) -> torch.Tensor:
    """Hash int64 numbers in place; products wrap, and shifts are logical."""
    for shift, factor in zip((30, 27), _FACTORS, strict=True):
        bits.bitwise_xor_((bits >> shift).bitwise_and_(2 ** (64 - shift) - 1)).mul_(factor)
    return bits.bitwise_xor_((bits >> 31).bitwise_and_(2**33 - 1))
