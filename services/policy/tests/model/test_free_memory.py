import sys
from pathlib import Path

import pytest
import torch

from ssp_policy.model.free_memory import given_back

STATUS = Path("/proc/self/status")
TENSORS, NUMBERS = 120, 2**18  # of 1 MB: below what glibc maps by itself once some were freed


def resident_mb() -> int:
    return int(STATUS.read_text(encoding="ascii").split("VmRSS:")[1].split()[0]) // 1024


def leave_holes() -> list[torch.Tensor]:
    torch.zeros(2**22).add_(1)  # 16 MB: glibc takes smaller ones from its heap from now on
    tensors = [torch.ones(NUMBERS) for _ in range(TENSORS)]
    return tensors[::10]  # the others are free, and the last ones kept hold the heap's end


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's malloc alone keeps pages")
def test_freed_tensors_do_not_stay_resident():
    before = resident_mb()
    kept = leave_holes()
    held = resident_mb() - before
    with given_back():
        more = leave_holes()
    assert held > 60, "the C library kept what was freed"
    assert resident_mb() - before < 60
    assert float(kept[0].sum() + more[0].sum()) == 2 * NUMBERS
