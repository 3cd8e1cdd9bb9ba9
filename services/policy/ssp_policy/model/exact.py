"""A copy in fp64 throughout, whose logits do not feel the shape of the batch."""

import torch
from torch import nn

from ssp_policy.model.frozen import frozen_copy


def exact_copy(module: nn.Module, device: torch.device) -> nn.Module:
    """Copy a module in fp64, its normalisations too.

    The families' own RMSNorm works in fp32 whatever the format of the weights; PyTorch's, which
    stands in for it, keeps to the input's format. So the logits of one sequence differ by rounding
    of fp64 alone from batch to batch.
    """
    copy = frozen_copy(module, device=device, dtype=torch.float64)
    for parent in list(copy.modules()):
        for name, child in parent.named_children():
            if type(child).__name__.endswith("RMSNorm"):
                setattr(parent, name, _exact_norm(child))
    return copy


def _exact_norm(norm: nn.Module) -> nn.RMSNorm:
    weight, eps = norm.get_parameter("weight"), float(norm.variance_epsilon)  # pyright: ignore[reportArgumentType]
    exact = nn.RMSNorm(weight.shape, eps=eps, device="meta")
    exact.weight = weight  # pyright: ignore[reportAttributeAccessIssue]
    return exact.eval()
