"""The memory of this machine and what the process uses of it."""

import resource
import sys
from pathlib import Path

import psutil
import torch

from ssp_policy.model.memory import Place

_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def free_memory(device: torch.device) -> dict[Place, int]:
    """Give the free bytes of `host`, and of `device` unless that is the CPU."""
    free: dict[Place, int] = {}
    if device.type == "cuda":
        free["device"] = torch.cuda.mem_get_info(device)[0]
    free["host"] = min(psutil.virtual_memory().available, _container_limit())
    return free


def used_memory(device: torch.device) -> dict[str, int]:
    """Give the bytes in use now and at most so far, on the device; on the CPU the process's."""
    if device.type == "cuda":
        now, peak = torch.cuda.memory_reserved(device), torch.cuda.max_memory_reserved(device)
    else:
        now = psutil.Process().memory_info().rss
        unit = 1 if sys.platform == "darwin" else 1024
        peak = max(now, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
    return {"now_bytes": now, "peak_bytes": peak}


def _container_limit() -> int:
    try:
        return int(_CONTAINER_LIMIT.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return sys.maxsize
