"""Copies of a model that are never trained."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import Tensor, nn


def frozen_copy(
    module: nn.Module,
    *,
    device: torch.device,
    dtype: torch.dtype | None = None,
    values: Mapping[str, Tensor] | None = None,
) -> nn.Module:
    """Copy a module straight to a device, without gradients, in evaluation mode.

    `dtype` is the format of the floating-point tensors (None keeps each one's); `values` replaces
    parameters by name. Tied parameters stay tied, and the original's device holds no second copy
    on the way.
    """
    values = values or {}

    def copied(tensor: Tensor) -> Tensor:
        wanted = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
        return tensor.detach().to(device=device, dtype=wanted, copy=True)

    with torch.inference_mode(mode=False):
        made: dict[int, object] = {}
        for name, parameter in module.named_parameters():
            value = copied(values.get(name, parameter))
            made[id(parameter)] = nn.Parameter(value, requires_grad=False)
        for buffer in module.buffers():
            made[id(buffer)] = copied(buffer)
        copy = deepcopy(module, made)
    return copy.eval()


@contextmanager
def values_swapped(
    parameters: Mapping[str, nn.Parameter], values: Mapping[str, Tensor]
) -> Generator[None]:
    """Let parameters show other values for a while; the parameters themselves are untouched.

    Only their storage is exchanged, so gradients, hooks and optimizers see nothing of it.
    """
    own = {name: parameter.data for name, parameter in parameters.items()}
    try:
        for name, parameter in parameters.items():
            parameter.data = values[name]
        yield
    finally:
        for name, parameter in parameters.items():
            parameter.data = own[name]
