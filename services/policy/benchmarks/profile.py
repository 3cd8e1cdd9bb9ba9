"""What a device does in a piece of work: how busy it is, and with which kernels."""

from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.clock import now

_KERNELS = 16


def profile_of(run: Callable[[], object], device: torch.device, times: int) -> dict[str, object]:
    """Run it so many times under PyTorch's profiler; figures for one time.

    `busyMs` is the time in kernels (on a CPU in operators), `wallMs` that on the clock, which the
    profiler itself makes longer. Where they are far apart, the device waits for Python.
    """
    on_gpu = device.type == "cuda"
    kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    started = now(device)
    with profile(activities=kinds) as profiler:
        for _ in range(times):
            run()
        seconds = now(device) - started
    rows = [
        (
            event.key,
            event.self_device_time_total if on_gpu else event.self_cpu_time_total,
            event.count,
        )
        for event in profiler.key_averages()
        if not on_gpu or event.device_type == torch.autograd.DeviceType.CUDA
    ]
    rows.sort(key=lambda row: -row[1])
    return {
        "wallMs": 1000 * seconds / times,
        "busyMs": sum(microseconds for _, microseconds, _ in rows) / 1000 / times,
        "kernels": sum(count for *_, count in rows) / times,
        "longest": [
            {"name": name[:120], "ms": microseconds / 1000 / times, "count": count / times}
            for name, microseconds, count in rows[:_KERNELS]
        ],
    }
