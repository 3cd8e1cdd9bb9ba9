"""Decoding on the CPU with linear layers that oneDNN has laid out once, beside the service's own.

In services/policy: python -m benchmarks.packed_decoding FOLDER
FOLDER is that of random_folder.py. Both take turns in one process; prints one JSON line a turn:
new tokens for each second of processor time, and the largest difference of a log-prob.
"""

import json
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor, nn

from benchmarks.completions import Completion, submit_all
from benchmarks.memory import memory_settings
from ssp_policy.assembly import load_parts
from ssp_policy.parts import Parts
from ssp_policy.sampling.request import SampleRequest

TOKENS = 16
ROUNDS = 2


class PackedLinear(nn.Module):
    """A linear layer over a weight in oneDNN's layout."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight)
        self._bias = bias

    def forward(self, x: Tensor) -> Tensor:
        """Give `x W^T + b`."""
        return torch.ops.mkldnn._linear_pointwise(x, self._weight, self._bias, "none", [], "")


def main() -> None:
    """Measure 8 and 32 requests in flight."""
    settings = memory_settings(Path(sys.argv[1]), "full", 1024, "on")
    parts = load_parts(settings, lambda _done, _what: None)
    ways = {"plain": parts.weights.live, "packed": packed_copy(parts.weights.live)}
    for in_flight in (8, 32):
        for _ in range(ROUNDS):
            rates: dict[str, float] = {}
            found: dict[str, list[Completion]] = {}
            for name, module in ways.items():
                rates[name], found[name] = decode(parts, module, in_flight)
            gap = widest_gap(found["plain"], found["packed"])
            print(json.dumps({"inFlight": in_flight, "perCpuSecond": rates, "gap": gap}))


def packed_copy(module: nn.Module) -> nn.Module:
    """Copy a module with its linear layers packed; everything else is shared."""
    shared = [*module.parameters(), *module.buffers()]
    copy = deepcopy(module, {id(tensor): tensor for tensor in shared})
    for parent in list(copy.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.Linear):
                setattr(parent, name, PackedLinear(layer.weight.detach(), layer.bias))
    return copy


def decode(parts: Parts, module: nn.Module, in_flight: int) -> tuple[float, list[Completion]]:
    """Sample after all prompts are read; new tokens a second of processor time."""

    @contextmanager
    def used(_model: str) -> Generator[nn.Module]:
        with torch.no_grad():
            yield module

    parts.weights.for_sampling = used
    parts.weights.changed()  # no prompt is taken from the cache
    prompts = [tuple((i * 7 + place) % 1000 for place in range(48)) for i in range(in_flight)]
    completions = submit_all(
        parts.engine,
        [
            SampleRequest(model="policy", prompt=prompt, max_tokens=TOKENS + 1, seed=seed)
            for seed, prompt in enumerate(prompts)
        ],
    )
    while any(not completion.ids for completion in completions):
        parts.engine.run_batch()
    before, started = sum(len(each.ids) for each in completions), time.process_time()
    while parts.engine.has_work():
        parts.engine.run_batch()
    new = sum(len(each.ids) for each in completions) - before
    return new / (time.process_time() - started), completions


def widest_gap(one: list[Completion], other: list[Completion]) -> float:
    """Give the largest difference of a log-prob where both drew the same tokens."""
    return max(
        abs(a - b)
        for ours, theirs in zip(one, other, strict=True)
        if ours.ids == theirs.ids
        for a, b in zip(ours.logprobs, theirs.logprobs, strict=True)
    )


if __name__ == "__main__":
    main()
