"""Which sequences go through the model together."""

from collections.abc import Sequence


def plan_micro_batches(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Group sequences of similar length so that padding is small and memory is bounded.

    `lengths` are tokens per sequence; a sequence of length 0 is left out. Every group holds indices
    into `lengths` and fills at most `max_tokens` padded tokens (rows x longest row); a sequence
    that is longer alone gets a group of its own, because sequences are never cut. The longest come
    first, so that a batch that does not fit fails before work is done; equal lengths keep their
    order. Nothing to do gives an empty list.
    """
    order = sorted((i for i, length in enumerate(lengths) if length > 0), key=lambda i: -lengths[i])
    groups: list[list[int]] = []
    width = 0
    for index in order:
        if groups and (len(groups[-1]) + 1) * width <= max_tokens:
            groups[-1].append(index)
        else:
            groups.append([index])
            width = lengths[index]
    return groups
