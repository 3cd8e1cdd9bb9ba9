"""Main memory that PyTorch has freed, given back to the system."""

import ctypes
import sys
from collections.abc import Generator
from contextlib import contextmanager

_malloc_trim = (
    getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform.startswith("linux") else None
)


@contextmanager
def given_back() -> Generator[None]:
    """Give back what is free when the block ends.

    glibc keeps the pages of freed tensors below 32 MB, in pieces, and what one gradient took would
    be missing when sequences are sampled next. Where the C library has no `malloc_trim`, nothing is
    done.
    """
    yield
    if _malloc_trim is not None:
        _malloc_trim(0)
