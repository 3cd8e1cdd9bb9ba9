"""Random sequences with weights, as training gets them: of mixed lengths, and in groups."""

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


def grouped_sequences(
    groups: int, attempts: int, vocab_size: int, *, seed: int
) -> tuple[list[list[int]], list[list[float]]]:
    """Make the attempts of groups: one prompt, one of two searches, one of four answers.

    80 tokens of prompt, 20 of a query, 160 of its result, 8 of an answer; query and answer have
    weights, the same for both of one attempt.
    """
    drawn = random.Random(seed)

    def some(count: int) -> list[int]:
        return [drawn.randrange(vocab_size) for _ in range(count)]

    tokens: list[list[int]] = []
    weights: list[list[float]] = []
    for _ in range(groups):
        prompt, searches, answers = (
            some(80),
            [some(180) for _ in range(2)],
            [some(8) for _ in "1234"],
        )
        for _ in range(attempts):
            advantage = drawn.gauss(0, 1)
            tokens.append([*prompt, *drawn.choice(searches), *drawn.choice(answers)])
            weights.append([0.0] * 80 + [advantage] * 20 + [0.0] * 160 + [advantage] * 8)
    return tokens, weights
