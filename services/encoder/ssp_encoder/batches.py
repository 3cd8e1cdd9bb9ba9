"""Which texts go through the model together."""

from collections.abc import Sequence


def batches_by_length(lengths_N: Sequence[int], budget: int) -> list[list[int]]:
    """Give batches of positions in `lengths_N`, longest texts first.

    A batch times its longest text is at most `budget` tokens; a text above that is alone. No texts
    give no batches.
    """
    batches: list[list[int]] = []
    order = sorted(range(len(lengths_N)), key=lambda i: -lengths_N[i])
    longest = 0
    for i in order:
        if not batches or longest * (len(batches[-1]) + 1) > budget:
            batches.append([])
            longest = lengths_N[i]
        batches[-1].append(i)
    return batches
