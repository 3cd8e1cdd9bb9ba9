"""Training examples: reading the lines of the data maker, and drawing batches of like length."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch

LOOKS = ("copies", "subjects", "starts", "relations", "links")
"""Where a head is taught to look; src/model-makers/tiny-policy/sequence.ts says what each means."""

Look = tuple[int, int]


@dataclass
class Example:
    """T tokens. `trained` are the positions whose token trains; a look is (place, source)."""

    tokens: list[int]
    trained: list[int]
    looks: dict[str, list[Look]] = field(default_factory=dict)


@dataclass
class Batch:
    """B sequences padded to T tokens. Rows of the others: (sequence, position[, source])."""

    tokens_B_T: torch.Tensor
    trained_N_2: torch.Tensor
    looks: dict[str, torch.Tensor]


Kinds = dict[str, list[Example]]


def read_examples(paths: list[Path]) -> Kinds:
    """By kind."""
    kinds: Kinds = {}
    for path in paths:
        with path.open(encoding="utf8") as lines:
            for row in map(json.loads, lines):
                trained = [place for place, trains in enumerate(row["mask"]) if trains]
                example = Example(row["tokens"], trained, {name: row[name] for name in LOOKS})
                kinds.setdefault(row["kind"], []).append(example)
    return kinds


def repeat(ids: list[int], rng: random.Random) -> Example:
    """Random tokens twice, the second time to be copied: the densest way to learn to copy. The length
    varies, so that the distance tells nothing."""
    length = rng.randint(10, 80)
    tokens = rng.sample(ids, length)
    copies = [(length + i - 1, i) for i in range(1, length)]
    return Example(tokens * 2, list(range(length + 1, 2 * length)), {"copies": copies})


def draw_batches(kinds: Kinds, weights: dict[str, float], max_tokens: int, rng: random.Random) -> Iterator[Batch]:
    """Endless batches of at most `max_tokens` tokens with padding, kinds mixed by their weights."""
    while True:
        names = rng.choices(list(weights), list(weights.values()), k=96)
        drawn = sorted((rng.choice(kinds[name]) for name in names), key=lambda example: len(example.tokens))
        batches: list[list[Example]] = [[]]
        for example in drawn:
            if (len(batches[-1]) + 1) * len(example.tokens) > max_tokens and batches[-1]:
                batches.append([])
            batches[-1].append(example)
        rng.shuffle(batches)
        yield from map(collate, batches)


def collate(examples: list[Example]) -> Batch:
    longest = max(len(example.tokens) for example in examples)
    tokens = [example.tokens + [0] * (longest - len(example.tokens)) for example in examples]
    trained = [(row, place) for row, example in enumerate(examples) for place in example.trained]
    looks = {
        name: torch.tensor(
            [(row, *look) for row, example in enumerate(examples) for look in example.looks.get(name, [])],
            dtype=torch.long,
        ).reshape(-1, 3)
        for name in LOOKS
    }
    return Batch(torch.tensor(tokens), torch.tensor(trained), looks)
