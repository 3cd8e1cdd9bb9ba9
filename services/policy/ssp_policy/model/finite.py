"""Whether weights are numbers."""

import torch
from torch import Tensor


def is_finite(tensor: Tensor) -> bool:
    """Tell whether no value is NaN or infinite; no copy of the tensor is made."""
    if tensor.numel() == 0:
        return True
    # Either end is NaN where there is a NaN.
    ends = torch.stack(torch.aminmax(tensor.detach()))
    return bool(torch.isfinite(ends).all())
