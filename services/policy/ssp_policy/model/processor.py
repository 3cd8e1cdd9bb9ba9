"""What the processor can do with the number formats of weights."""

import logging
from pathlib import Path

import torch

from ssp_policy.logs import log_event
from ssp_policy.model.device import choose_device, choose_dtype
from ssp_policy.settings import Settings

_CPU_INFO = Path("/proc/cpuinfo")
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "avx_ne_convert", "bf16"}
"""Of x86, and the last of ARM, as Linux names them."""


def warn_of_slow_numbers(settings: Settings) -> None:
    """Log one warning where bf16 is asked for on a processor that computes it in software."""
    device = choose_device(settings)
    slow = choose_dtype(settings, device) == torch.bfloat16 and lacks_bf16(_cpu_info())
    if device.type == "cpu" and slow:
        problem = "this processor has no bf16 instructions: --dtype fp32 is several times faster"
        log_event("bf16 is slow here", level=logging.WARNING, problem=problem)


def lacks_bf16(cpu_info: str) -> bool:
    """Tell whether a Linux processor has no bf16 products; one that says nothing is not blamed."""
    lines = [line for line in cpu_info.splitlines() if line.startswith(("flags", "Features"))]
    return bool(lines) and not _BF16_FLAGS & set(lines[0].split())


def _cpu_info() -> str:
    try:
        return _CPU_INFO.read_text(encoding="utf-8")
    except OSError:
        return ""
