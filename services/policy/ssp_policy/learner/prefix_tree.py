"""Sequences that begin alike, as trees: what they share goes through the model once.

The rollouts of a group share their prompt, and many of them queries, results and whole episodes.
In a tree each node is a token and sees the nodes on the way from the root to it alone, so that its
hidden state is that of the sequence which ends there. A sum over sequences is a sum over nodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from ssp_policy.learner.requests import Tokens
from ssp_policy.model.memory import MOST_TREE_NODES

_LEAST_SHARED = 0.25
"""Share of a sequence that must be there already; for less, attention costs what is saved."""


@dataclass(frozen=True)
class FedNodes:
    """The nodes that are fed: those that predict another. Parents stand before their children."""

    tokens: list[int]
    depths: list[int]
    """How many tokens stand before each in its sequences."""
    parents: list[int]
    """Places in these lists; -1 for the root."""
    places: dict[int, int]
    """Where a node of the tree stands in these lists."""

    @property
    def is_chain(self) -> bool:
        """Tell whether each node sees all before it, as in a single sequence."""
        return self.parents == list(range(-1, len(self.parents) - 1))

    def seen(self) -> np.ndarray:
        """Give True where a node (row) sees another, or itself: (fed, fed)."""
        seen = np.eye(len(self.parents), dtype=bool)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                seen[node] |= seen[parent]
        return seen


class PrefixTree:
    """Nodes in the order in which they were added."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.parents: list[int] = []
        """Of each node; -1 for the root."""
        self.paths: dict[int, list[int]] = {}
        """The node of each token of a sequence, by the sequence's number."""
        self._last: list[int] = []

    def add(self, number: int, sequence: Tokens, shared: int) -> None:
        """Add a sequence whose first `shared` tokens are those of the one before."""
        path = self._last[:shared]
        for token in sequence[shared:]:
            self.parents.append(path[-1] if path else -1)
            path.append(len(self.tokens))
            self.tokens.append(token)
        self.paths[number] = self._last = path

    def takes(self, sequence: Tokens, shared: int, most: int) -> bool:
        """Tell whether a sequence begins enough like the last one, and has room in `most` nodes."""
        grown = len(self.tokens) + len(sequence) - shared
        return shared >= _LEAST_SHARED * len(sequence) and grown <= most

    def fed(self) -> FedNodes:
        """Give the nodes that predict another."""
        nodes = sorted({parent for parent in self.parents if parent >= 0})
        places = {node: place for place, node in enumerate(nodes)}
        parents = [places.get(self.parents[node], -1) for node in nodes]
        depths: list[int] = []
        for parent in parents:
            depths.append(depths[parent] + 1 if parent >= 0 else 0)
        return FedNodes([self.tokens[node] for node in nodes], depths, parents, places)


def plan_trees(sequences: Sequence[Tokens], max_tokens: int) -> list[PrefixTree]:
    """Put sequences into trees; those of fewer than two tokens are left out.

    A tree of several has at most `max_tokens` nodes, and MOST_TREE_NODES. A sequence that begins
    like no other is a tree of its own.
    """
    trees: list[PrefixTree] = []
    before: Tokens = ()
    numbers = [number for number, sequence in enumerate(sequences) if len(sequence) > 1]
    # In the order of their tokens none shares more with an earlier one than with the one before.
    for number in sorted(numbers, key=lambda number: list(sequences[number])):
        sequence = sequences[number]
        shared = _shared(before, sequence)
        if not trees or not trees[-1].takes(sequence, shared, min(max_tokens, MOST_TREE_NODES)):
            trees.append(PrefixTree())
            shared = 0
        trees[-1].add(number, sequence, shared)
        before = sequence
    return trees


def _shared(one: Tokens, other: Tokens) -> int:
    """Count the tokens that two sequences begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
