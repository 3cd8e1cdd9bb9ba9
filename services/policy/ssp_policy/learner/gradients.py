"""Sums of gradients in fp32, whatever the format of the weights."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Gradient = dict[str, Tensor]
"""fp32 tensors by the names of the trained parameters."""


@contextmanager
def summed_gradient(trained: Mapping[str, nn.Parameter]) -> Generator[Gradient]:
    """Add up what backward passes inside the block give, starting from zero.

    Each parameter's gradient is added in fp32 as soon as it is complete and freed at once, so no
    second gradient in the weights' format stays. Leaving the block, also by an error, leaves no
    trace on the parameters.
    """
    total = {name: torch.zeros_like(p, dtype=torch.float32) for name, p in trained.items()}
    hooks = [
        parameter.register_post_accumulate_grad_hook(_adding_to(total[name]))
        for name, parameter in trained.items()
    ]
    try:
        yield total
    finally:
        for hook in hooks:
            hook.remove()
        for parameter in trained.values():
            parameter.grad = None


def add_gradient(pending: Gradient | None, new: Gradient) -> Gradient:
    """Add a call's gradient to the pending one, in place; None counts as zero."""
    if pending is None:
        return new
    for name, gradient in pending.items():
        gradient.add_(new[name])
    return pending


def norm_of(gradient: Gradient) -> float:
    """Give the Euclidean norm over all parameters; not finite if any entry is not."""
    return float(torch.nn.utils.get_total_norm(list(gradient.values())))


def _adding_to(total: Tensor) -> Callable[[Tensor], None]:
    def add(parameter: Tensor) -> None:
        if parameter.grad is not None:
            total.add_(parameter.grad)
            parameter.grad = None

    return add
