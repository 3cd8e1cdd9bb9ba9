"""Random sequences of mixed lengths with weights, as training gets them."""

import random


def ragged_sequences(
    count: int, vocab_size: int, *, seed: int, shortest: int = 20, longest: int = 300
) -> tuple[list[list[int]], list[list[float]]]:
    """Make tokens and weights; the first third of each sequence is a prompt, of weight 0."""
    drawn = random.Random(seed)
    lengths = [drawn.randint(shortest, longest) for _ in range(count)]
    tokens = [[drawn.randrange(vocab_size) for _ in range(length)] for length in lengths]
    weights = [
        [0.0 if place <= length // 3 else drawn.gauss(0, 1) for place in range(length)]
        for length in lengths
    ]
    return tokens, weights
