"""Sampling and training of random weights in the shapes of Qwen2.5, on one GPU.

In services/policy: python -m benchmarks.gpu --out RESULT.json

It needs PyTorch, transformers, peft, safetensors and pydantic, no model and no network. RESULT.json
is written anew after each measurement, so that a run that is stopped keeps what it has. A
measurement that fails leaves its error in its row, and the next one begins.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peft
import torch
import transformers

from benchmarks.clock import forget_peak
from benchmarks.gpu_sampling import SamplingWork, measure_sampling, profile_sampling
from benchmarks.gpu_training import TrainingWork, measure_training, profile_training
from benchmarks.shapes import SHAPES, bench_settings, random_model
from ssp_policy.learner.learner import Learner
from ssp_policy.model.shape import shape_of
from ssp_policy.model.weights import Weights

PARTS = ["sampling", "training", "profiles"]


@dataclass
class Report:
    """The rows so far; each new one is printed and kept in the file."""

    out: Path
    about: dict[str, object]
    rows: dict[str, list[dict[str, object]]] = field(
        default_factory=lambda: {"sampling": [], "training": [], "profiles": []}
    )

    def add(
        self, kind: str, named: dict[str, object], measure: Callable[[], dict[str, object]]
    ) -> None:
        """Measure one row, or keep why it failed."""
        started = time.monotonic()
        try:
            row = named | measure()
        except Exception as error:  # noqa: BLE001 - whatever a machine without memory raises
            row = named | {"error": f"{type(error).__name__}: {error}"}
        self.rows[kind].append(row)
        print(f"{time.monotonic() - started:6.1f} s  {kind}  {json.dumps(row)}", flush=True)
        self.out.write_text(json.dumps(self.about | self.rows, indent=2) + "\n")


def main() -> None:
    """Measure what the command line asks for."""
    given = read_arguments()
    device = torch.device(given.device)
    report = Report(given.out, about(given, device))
    for name in given.shapes:
        if "sampling" in given.parts:
            add_sampling(report, name, given)
        if "training" in given.parts:
            for full in (True, False):
                add_training(report, name, given, full=full)


def add_sampling(report: Report, name: str, given: argparse.Namespace) -> None:
    """Sample with all parameters in bf16, as in full training."""
    device = torch.device(given.device)
    forget_peak(device)
    settings, shape = bench_settings(device), shape_of(SHAPES[name])
    weights = Weights(random_model(name, settings), settings)
    for requests in given.requests:
        work = SamplingWork(requests, given.prompt_tokens, given.new_tokens)
        report.add(
            "sampling",
            {"shape": name, "parameters": shape.parameters, "requests": requests},
            lambda work=work: measure_sampling(
                weights, shape, work, settings=settings, bandwidth=given.bandwidth
            ),
        )
    if "profiles" in given.parts:
        work = SamplingWork(given.requests[-1], given.prompt_tokens, given.new_tokens)
        report.add(
            "profiles",
            {"shape": name, "of": "sampling", "requests": work.requests},
            lambda: profile_sampling(weights, work, settings=settings),
        )


def add_training(report: Report, name: str, given: argparse.Namespace, *, full: bool) -> None:
    """Train all parameters (fp32 copies and moments of 7B in main memory), or an adapter."""
    device = torch.device(given.device)
    forget_peak(device)
    off_loaded = full and name in given.optimizer_on_cpu
    optimizer_device = "cpu" if off_loaded else "same"
    settings = bench_settings(device, full=full, optimizer_device=optimizer_device)
    shape = shape_of(SHAPES[name])
    named = {"shape": name, "trained": "full" if full else "lora", "optimizer": optimizer_device}
    made: list[tuple[Weights, Learner]] = []

    def measure(work: TrainingWork) -> dict[str, object]:
        if not made:
            weights = Weights(random_model(name, settings), settings)
            made.append((weights, Learner(weights, settings)))
        return measure_training(
            *made[0], shape, work, settings=settings, peak_flops=given.peak_flops
        )

    for length in given.lengths:
        work = TrainingWork(length, given.tokens, given.calls)
        report.add("training", named | {"length": length}, lambda work=work: measure(work))
    if "profiles" in given.parts and made:
        length = given.lengths[-1]
        report.add(
            "profiles",
            named | {"of": "training", "length": length},
            lambda: profile_training(*made[0], TrainingWork(length, given.tokens, 1)),
        )


def about(given: argparse.Namespace, device: torch.device) -> dict[str, object]:
    """Say what was measured, with what and on which machine."""
    is_gpu = device.type == "cuda"
    properties: Any = torch.cuda.get_device_properties(device) if is_gpu else None
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python -m benchmarks.gpu", *sys.argv[1:]]),
        "device": properties.name if is_gpu else "CPU",
        "deviceMemoryBytes": properties.total_memory if is_gpu else 0,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
        "bandwidth": given.bandwidth,
        "peakFlops": given.peak_flops,
    }


def read_arguments() -> argparse.Namespace:
    """Read the command line; bandwidth and arithmetic are those of an H200 unless told."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument(
        "--shapes", nargs="+", choices=[*SHAPES], default=["0.5B", "1.5B", "7B"], metavar="SHAPE"
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--requests", nargs="+", type=int, default=[1, 64, 256])
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--new-tokens", type=int, default=256)
    parser.add_argument("--lengths", nargs="+", type=int, default=[2048, 8192])
    parser.add_argument("--tokens", type=int, default=32_768, help="of one backward call")
    parser.add_argument("--calls", type=int, default=3)
    parser.add_argument("--optimizer-on-cpu", nargs="*", default=["7B"], metavar="SHAPE")
    parser.add_argument("--bandwidth", type=float, default=4.8e12, help="bytes per second")
    parser.add_argument("--peak-flops", type=float, default=989e12, help="bf16, dense")
    return parser.parse_args()


if __name__ == "__main__":
    main()
