"""Turning the many ways of running out of memory into one coded error."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ssp_policy.errors import PolicyError

_CPU_SIGNS = ("can't allocate memory", "not enough memory", "out of memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an allocation failed, on a GPU or on the CPU."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _CPU_SIGNS)


@contextmanager
def memory_watched(what: str, lower: str) -> Iterator[None]:
    """Raise SSP_POLICY_OUT_OF_MEMORY where the block runs out of memory.

    `what` was going on; `lower` names the settings that make it need less.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        # The traceback's frames would keep the tensors of the failed call alive.
        error.__traceback__ = None
        raise PolicyError("SSP_POLICY_OUT_OF_MEMORY", what=what, lower=lower) from error
