"""Settings for tests: small numbers, the CPU, and whatever a test changes."""

from pathlib import Path
from typing import Any

from ssp_policy.settings import Settings


def make_settings(model: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "model": model,
        "adapter": None,
        "full": True,
        "lora_rank": 4,
        "dtype": "fp32",
        "device": "cpu",
        "threads": 1,
        "seed": 0,
        "host": "127.0.0.1",
        "port": 0,
        "allowed_hosts": (),
        "allowed_origins": (),
        "checkpoints": model.parent / "checkpoints",
        "reference": True,
        "snapshot_device": "same",
        "optimizer_device": "same",
        "gradient_checkpointing": "off",
        "micro_batch_tokens": 512,
        "logit_chunk": 64,
        "exact_sampling": False,
        "max_running": 64,
        "max_waiting": 1024,
        "prefill_tokens": 256,
        "kv_cache_gb": 0.02,
        "max_sequence_tokens": None,
        "max_body_bytes": 4_000_000,
        "max_connections": 1024,
        "request_timeout_seconds": 60,
        "shutdown_seconds": 5,
    }
    return Settings(**(values | changes))
