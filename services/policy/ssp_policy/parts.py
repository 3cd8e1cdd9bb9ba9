"""What a loaded service works with."""

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

from ssp_policy.learner.learner import Learner
from ssp_policy.model.weights import Weights
from ssp_policy.sampling.engine import SamplingEngine


@dataclass(frozen=True)
class Parts:
    """The model and what is done with it."""

    weights: Weights
    engine: SamplingEngine
    learner: Learner
    facts: "Facts"
    seeds: "SeedSource"
    loaded_at: float
    """Seconds since 1970."""


class Facts(Protocol):
    """Describes the model for GET /v1/facts."""

    def __call__(self) -> dict[str, Any]:
        """Give plain JSON values, memory as it is now among them."""
        ...


class SeedSource:
    """Seeds for requests that bring none: SHA-256 of the service's seed and a counter."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.drawn = 0

    def draw(self) -> int:
        """Give the next seed."""
        self.drawn += 1
        return _hashed(f"drawn:{self._seed}:{self.drawn}")


def derive_seed(seed: int, prompt: int, choice: int) -> int:
    """Give the seed of one choice of one prompt, counted from 0; the first has `seed` itself.

    The others have the first 8 bytes (big-endian, shifted right by 1) of the SHA-256 of
    `seed:prompt:choice` in decimal.
    """
    return seed if prompt == choice == 0 else _hashed(f"{seed}:{prompt}:{choice}")


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1
