"""The preflight: how much memory a configuration needs, part by part, before anything is loaded.

Weights, gradients and the optimizer are exact. Activations are counted from the operations of a
layer (a test holds them against what autograd keeps), transient memory generously.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch

from ssp_policy.errors import PolicyError
from ssp_policy.model.device import choose_dtype, uses_checkpointing
from ssp_policy.model.shape import ModelShape
from ssp_policy.settings import Settings

Place = Literal["device", "host"]
Turn = Literal["always", "training", "sampling"]
"""When a part is there. A step drops the gradients, a backward pass gives back keys and values.

The two meet only where a client samples while a gradient waits for its step."""
MOST_TREE_NODES = 4096
"""Of a tree of several sequences: attention is computed between all pairs of its nodes."""
_FP32 = 4
_FP64 = 8
_LEAST_CACHED_TOKENS = 8192
_PROJECTIONS = 7
"""Linear layers of a layer, each with its part of an adapter."""
_SORTED_LOGIT_BYTES = 24
"""Sampling keeps logits, log-probs, sorted values with their places, and noise."""


@dataclass(frozen=True)
class Part:
    """Bytes that one thing takes in one place."""

    name: str
    place: Place
    size: int
    words: str
    turn: Turn = "always"


@dataclass(frozen=True)
class MemoryPlan:
    """What a service will need. On the CPU everything is in the place `host`."""

    parts: tuple[Part, ...]
    available: dict[Place, int]
    """Bytes free before loading."""
    kv_cache_bytes: int
    checkpoint_bytes: int
    """What is trained, and the optimizer, as `save` writes them."""

    def needed(self, place: Place) -> int:
        """Give the bytes that one place must hold: what is always there, and the larger turn."""
        return sum(part.size for part in self._at_most(place))

    def fits(self, share: float = 1.0) -> bool:
        """Tell whether every place has what it needs within this share of what is free."""
        return all(self.needed(place) <= share * free for place, free in self.available.items())

    def check(self) -> None:
        """Raise SSP_POLICY_DOES_NOT_FIT with the parts of the first place that is too small."""
        for place, free in self.available.items():
            if self.needed(place) > free:
                largest = sorted(self._at_most(place), key=lambda part: -part.size)
                raise PolicyError(
                    "SSP_POLICY_DOES_NOT_FIT",
                    needed=_gb(self.needed(place)),
                    device="the GPU" if place == "device" else "this machine",
                    available=_gb(free),
                    parts=", ".join(f"{part.name} {_gb(part.size)}" for part in largest),
                    advice=_advice(place, has_gpu="device" in self.available),
                )

    def table(self) -> str:
        """Give the plan in words, one line for each part."""
        lines: list[str] = []
        for place, free in self.available.items():
            lines.append(f"{place}: {_gb(self.needed(place))} of {_gb(free)}")
            lines += [
                f"  {part.name:<22}{_gb(part.size):>10}  {part.turn:<8}  {part.words}"
                for part in self._in(place)
            ]
        lines.append(f"disk: {_gb(self.checkpoint_bytes)} for each checkpoint")
        return "\n".join(lines)

    def needs(self) -> str:
        """Give what is needed of what is free where the model is."""
        here: Place = "device" if "device" in self.available else "host"
        return f"{_gb(self.needed(here))} of {_gb(self.available[here])}"

    def body(self) -> dict[str, Any]:
        """Give the plan as plain JSON values."""
        return {
            "fits": self.fits(),
            "available_bytes": dict(self.available),
            "needed_bytes": {place: self.needed(place) for place in self.available},
            "kv_cache_bytes": self.kv_cache_bytes,
            "checkpoint_bytes": self.checkpoint_bytes,
            "parts": [vars(part) for part in self.parts],
            "table": self.table(),
        }

    def _in(self, place: Place, *turns: Turn) -> list[Part]:
        return [
            part for part in self.parts if part.place == place and (not turns or part.turn in turns)
        ]

    def _at_most(self, place: Place) -> list[Part]:
        """Give the parts that are there at once when most is taken."""
        turns = (self._in(place, "always", "training"), self._in(place, "always", "sampling"))
        return max(turns, key=lambda parts: sum(part.size for part in parts))


def plan_memory(
    settings: Settings, shape: ModelShape, device: torch.device, available: dict[Place, int]
) -> MemoryPlan:
    """Add up what the settings need; the cache of keys and values takes what is left.

    `available` has bytes of `host`, and of `device` unless that is the CPU.
    """
    fixed = [
        *_kept_parts(settings, shape, device),
        *_working_parts(settings, shape, device),
        _reserve(device, available),
    ]
    place = _place(device)
    used = sum(part.size for part in fixed if part.place == place and part.turn != "training")
    cache = _cache_part(settings, shape, device, available[place] - used)
    saved = ("weights" if settings.full else "adapter", "moments", "master weights")
    checkpoint = sum(part.size for part in fixed if part.name in saved)
    return MemoryPlan((*fixed, cache), available, cache.size, checkpoint)


def activation_bytes_per_token(
    shape: ModelShape, number_bytes: int, *, adapter_rank: int = 0
) -> int:
    """Give what autograd keeps of one token in one layer.

    Two norms (their fp32 input, normed values and, where the format is smaller, a cast copy),
    queries, keys and values before and after repeating heads, the attention's result, four times
    the inner width of the feed-forward block, and the inner values of an adapter.
    """
    norms = 2 * shape.hidden * (_FP32 + (2 * number_bytes if number_bytes < _FP32 else _FP32))
    attention = number_bytes * (4 * shape.queries + 2 * shape.keys)
    inner = number_bytes * (4 * shape.inner + _PROJECTIONS * adapter_rank)
    return norms + attention + inner


def _kept_parts(settings: Settings, shape: ModelShape, device: torch.device) -> list[Part]:
    """List what is kept between calls."""
    here, number = _place(device), choose_dtype(settings, device).itemsize
    weights = shape.parameters * number
    adapter = shape.adapter_parameters_per_rank * settings.lora_rank
    trained = shape.parameters if settings.full else adapter
    optimizer: Place = "host" if settings.optimizer_device == "cpu" else here
    kept: Place = "host" if settings.snapshot_device == "cpu" else here
    parts = [
        Part("weights", here, weights, f"{shape.parameters:,} parameters x {number} bytes"),
        Part(
            *("gradients", here, 2 * _FP32 * trained),
            *("fp32: the pending one and one call's", "training"),
        ),
        Part("moments", optimizer, 2 * _FP32 * trained, "AdamW, fp32"),
    ]
    if not settings.full:
        parts.append(Part("adapter", here, number * adapter, f"rank {settings.lora_rank}"))
    if number < _FP32 or optimizer != here:
        parts.append(Part("master weights", optimizer, _FP32 * trained, "fp32"))
    if settings.reference and settings.full:
        parts.append(Part("reference", kept, weights, "each further snapshot takes as much"))
        if kept != here:
            parts.append(Part("visiting snapshot", here, weights, "one that is in use"))
    elif settings.reference:
        parts.append(Part("reference", here, number * adapter, "an adapter, like every snapshot"))
    if settings.exact_sampling:
        size = _FP64 * (shape.parameters + (0 if settings.full else adapter))
        parts.append(Part("exact sampling", here, size, "fp64 copy, one per model sampled from"))
    return parts


def _working_parts(settings: Settings, shape: ModelShape, device: torch.device) -> list[Part]:
    """Count a call's transient memory: training and sampling take turns.

    The cache stays while sequences are scored, so a scoring pass counts with sampling.
    """
    here, number = _place(device), choose_dtype(settings, device).itemsize
    tokens = settings.training_tokens
    again = ", activations computed twice" if uses_checkpointing(settings, device) else ""
    words = f"micro-batches of {tokens:,} tokens{again}"
    training = Part(
        "a backward pass", here, _training_bytes(settings, shape, device), words, "training"
    )
    layer = activation_bytes_per_token(shape, number) + shape.hidden * number
    scoring = tokens * layer + _logit_bytes(settings, shape, number) + _mask_bytes(tokens, number)
    drawn = _FP64 if settings.exact_sampling else number
    rows = settings.max_running * shape.vocabulary * max(_SORTED_LOGIT_BYTES, 3 * drawn)
    batch = rows + settings.prefill_tokens * activation_bytes_per_token(shape, drawn)
    which = "a scoring pass" if scoring > batch else "a batch of sampling"
    words = f"or {'a batch of sampling' if scoring > batch else 'a scoring pass'}, which is smaller"
    return [training, Part(which, here, max(scoring, batch), words, "sampling")]


def _training_bytes(settings: Settings, shape: ModelShape, device: torch.device) -> int:
    number = choose_dtype(settings, device).itemsize
    tokens = settings.training_tokens
    rank = 0 if settings.full else settings.lora_rank
    layer = activation_bytes_per_token(shape, number, adapter_rank=rank)
    if uses_checkpointing(settings, device):
        activations = tokens * (shape.layers * shape.hidden * number + 2 * layer)
    else:
        activations = tokens * (shape.layers + 1) * layer
    head = 2 * shape.vocabulary * shape.hidden * number if settings.full else 0
    return activations + _logit_bytes(settings, shape, number) + head + _mask_bytes(tokens, number)


def _mask_bytes(tokens: int, number_bytes: int) -> int:
    """Count what says which tokens see one another in a micro-batch of trees, and its copy."""
    return tokens * min(tokens, MOST_TREE_NODES) * (1 + number_bytes)


def _logit_bytes(settings: Settings, shape: ModelShape, number_bytes: int) -> int:
    longest = min(shape.context, settings.max_sequence_tokens or shape.context)
    chunk = min(settings.logit_chunk, max(settings.training_tokens, longest))
    return chunk * shape.vocabulary * (3 * _FP32 + number_bytes)


def _cache_part(settings: Settings, shape: ModelShape, device: torch.device, left: int) -> Part:
    """Size the cache: as told, else what is left, up to all running requests at full length.

    Attention gathers the keys and values of one layer at a time, so a layer's share is kept free.
    """
    number = _FP64 if settings.exact_sampling else choose_dtype(settings, device).itemsize
    per_token = shape.kv_bytes_per_token(number)
    longest = min(shape.context, settings.max_sequence_tokens or shape.context)
    if settings.kv_cache_gb is not None:
        size = int(settings.kv_cache_gb * 1e9)
    else:
        least = per_token * min(longest, _LEAST_CACHED_TOKENS)
        most = per_token * longest * settings.max_running
        share = left if device.type != "cpu" else left // 4
        size = max(least, min(most, share * shape.layers // (shape.layers + 2)))
    words = f"{size // per_token:,} tokens of {per_token:,} bytes"
    return Part("keys and values", _place(device), size, words, "sampling")


def _reserve(device: torch.device, available: dict[Place, int]) -> Part:
    """Leave room for the CUDA context, libraries and fragmentation."""
    if device.type == "cpu":
        return Part("reserve", "host", 700_000_000, "Python and PyTorch themselves")
    size = 1_500_000_000 + available["device"] // 32
    return Part("reserve", "device", size, "CUDA context and fragmentation")


def _place(device: torch.device) -> Place:
    return "host" if device.type == "cpu" else "device"


def _advice(place: Place, *, has_gpu: bool) -> str:
    options: Sequence[str] = (
        "--micro-batch-tokens",
        "--logit-chunk",
        "--max-running",
        "--kv-cache-gb",
        "--gradient-checkpointing on",
        "--no-reference",
        "--lora-rank in place of --full",
    )
    if place == "device":
        options = ("--optimizer-device cpu", *options)
    elif has_gpu:
        options = ("--optimizer-device same", "--snapshot-device same", "--lora-rank")
    return ", ".join(options)


def _gb(size: int) -> str:
    return f"{size / 1e9:.2f} GB"
