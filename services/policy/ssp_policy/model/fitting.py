"""What `auto` stands for in memory: the fastest way to train that fits what is free."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import torch

from ssp_policy.model.memory import MemoryPlan, Place, plan_memory
from ssp_policy.model.shape import ModelShape
from ssp_policy.settings import Settings

_FAST_TOKENS = (16_384, 8192, 4096, 2048)
_SMALL_TOKENS = (1024, 512)
_ON_CPU: tuple[Literal["on", "off"], ...] = ("off", "on")
_ON_GPU: tuple[Literal["on", "off"], ...] = ("on",)
_SHARE_OF_HOST = 0.75
"""Main memory is there for others too, so a smaller choice is taken where one fits this share."""


@dataclass(frozen=True)
class Fitted:
    """Settings in which nothing of this is `auto` any more, and the memory that they need."""

    settings: Settings
    plan: MemoryPlan


def fit_memory(
    settings: Settings, shape: ModelShape, device: torch.device, available: dict[Place, int]
) -> Fitted:
    """Choose gradient checkpointing and the size of micro-batches where they are left open.

    Activations are kept rather than computed twice, in smaller micro-batches if need be: from 2048
    tokens on a larger one is hardly faster. Where nothing fits, the smallest choice is given, whose
    plan says by how much it does not.
    """
    fitted = [
        Fitted(each, plan_memory(each, shape, device, available))
        for each in _choices(settings, device)
    ]
    share = _SHARE_OF_HOST if device.type == "cpu" else 1.0
    roomy = (each for each in fitted if each.plan.fits(share))
    fitting = (each for each in fitted if each.plan.fits())
    return next(roomy, None) or next(fitting, None) or fitted[-1]


def _choices(settings: Settings, device: torch.device) -> Iterator[Settings]:
    """Give all settings that are allowed, the preferred ones first."""
    told, tokens = settings.gradient_checkpointing, settings.micro_batch_tokens
    auto = _ON_GPU if device.type == "cuda" else _ON_CPU
    ways = auto if told == "auto" else (told,)
    sizes = _FAST_TOKENS if tokens is None else (tokens,)
    further = _SMALL_TOKENS if tokens is None else ()
    for way, size in (*product(ways, sizes), *product(ways[-1:], further)):
        yield replace(settings, gradient_checkpointing=way, micro_batch_tokens=size)
