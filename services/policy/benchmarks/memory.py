"""The memory that a service of a model folder takes on the CPU, beside what its plan forecasts.

In services/policy: python -m benchmarks.memory FOLDER full|lora MICRO_BATCH_TOKENS CHECKPOINTING
It does what takes most: samples with all places taken, then adds up two gradients of full
micro-batches, steps and scores. Linux only: the peak is VmHWM. Prints one JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

from make_settings import make_settings

from benchmarks.completions import sample_all
from ssp_policy.assembly import load_parts, preflight
from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.parts import Parts
from ssp_policy.sampling.request import SampleRequest
from ssp_policy.settings import Settings

SEQUENCE_TOKENS = 257
PROMPT_TOKENS = 64


def main() -> None:
    """Load, work, and print forecast and peak of each stage."""
    folder, mode, tokens, checkpointing = sys.argv[1:5]
    settings = memory_settings(Path(folder), mode, int(tokens), checkpointing)
    plan = preflight(settings)
    peaks: dict[str, int] = {"imports": peak_bytes()}
    parts = load_parts(settings, lambda _done, _what: None)
    peaks["loading"] = peak_bytes()
    for name, work in (("sampling", sample), ("training", train), ("scoring", score)):
        work(parts, settings)
        peaks[name] = peak_bytes()
    print(json.dumps({"plan": plan.body(), "peaks": peaks}))


def memory_settings(folder: Path, mode: str, tokens: int, checkpointing: str) -> Settings:
    """Give the service's defaults but for what takes long to fill on a CPU."""
    changes: dict[str, Any] = {
        "full": mode == "full",
        "lora_rank": 32,
        "dtype": "auto",
        "threads": 0,
        "gradient_checkpointing": checkpointing,
        "micro_batch_tokens": tokens,
        "logit_chunk": 1024,
        "max_running": 64,
        "prefill_tokens": 1024,
        "kv_cache_gb": 0.3,
        "max_sequence_tokens": 1024,
    }
    return make_settings(folder, **changes)


def sample(parts: Parts, settings: Settings) -> None:
    """Fill a batch of prompts, and all places of running requests."""
    requests = [
        SampleRequest(model="policy", prompt=(i + 1,) * PROMPT_TOKENS, max_tokens=4, seed=i)
        for i in range(settings.max_running)
    ]
    sample_all(parts.engine, requests)


def train(parts: Parts, settings: Settings) -> None:
    """Add up two gradients of two full micro-batches each, and step."""
    sequences = full_batch(settings) * 2
    weights = [[0.0, *[1e-3] * (SEQUENCE_TOKENS - 1)]] * len(sequences)
    parts.engine.release_cache()
    for _ in range(2):
        parts.learner.backward(sequences, weights)
    parts.learner.step(AdamWSettings(lr=1e-6))


def score(parts: Parts, settings: Settings) -> None:
    """Score a full micro-batch with its entropy."""
    parts.learner.log_probs("policy", full_batch(settings), entropy=True)


def full_batch(settings: Settings) -> list[list[int]]:
    """Give sequences that fill one micro-batch."""
    count = max(1, settings.micro_batch_tokens // (SEQUENCE_TOKENS - 1))
    return [[(7 * i + place) % 1000 for place in range(SEQUENCE_TOKENS)] for i in range(count)]


def peak_bytes() -> int:
    """Give the most resident memory that this process has had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


if __name__ == "__main__":
    main()
