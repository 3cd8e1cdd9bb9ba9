"""Turning the many ways of running out of memory into one coded error."""

from types import TracebackType

import torch

from ssp_policy.errors import PolicyError

_CPU_SIGNS = ("can't allocate memory", "not enough memory", "out of memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an allocation failed, on a GPU or on the CPU."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _CPU_SIGNS)


class memory_watched:  # noqa: N801 - used like a function
    """Raise SSP_POLICY_OUT_OF_MEMORY where the `with` block runs out of memory.

    `what` was going on; `lower` names the settings that make it need less. What the block held is
    free as soon as the error is raised.
    """

    def __init__(self, what: str, lower: str) -> None:
        self._what = what
        self._lower = lower

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        if error is None or not is_out_of_memory(error):
            return
        # The frames of the failed call hold its tensors; this one would hold those frames.
        del frames
        error.__traceback__ = None
        raise PolicyError("SSP_POLICY_OUT_OF_MEMORY", what=self._what, lower=self._lower) from error
