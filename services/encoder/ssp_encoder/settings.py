"""Everything that the server can be told at its start.

Defaults stand in src/config/encoder-server.ts; what the encoder folder's description says (name,
pooling, normalisation, length) is read in TypeScript, where an index reads it too. Here nothing has
a second default. A test holds the lists in step.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt
from pydantic.dataclasses import dataclass

from ssp_policy.settings import Count, Natural, Texts, parse_settings


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One server's settings."""

    model: Path
    """Folder with config.json, tokenizer.json and PyTorch weights."""
    name: str
    """Under which requests name the model."""
    pooling: Literal["mean", "cls"]
    normalize: bool
    """Give unit vectors."""
    max_tokens: Count
    """Of one text, special ones included; what is longer is cut."""
    dtype: Literal["auto", "fp32", "fp16", "bf16"]
    """auto: fp16 on cuda, fp32 on cpu."""
    device: Literal["auto", "cuda", "cpu"]
    threads: Natural
    """Threads of PyTorch on the CPU; 0 leaves its own choice."""
    batch_tokens: Count
    """Tokens of one forward pass, padding included."""
    host: str
    port: Natural
    allowed_hosts: Texts
    allowed_origins: Texts
    max_waiting: Count
    """Texts that are waiting or being computed; requests with more are answered 429."""
    max_body_bytes: Count
    max_connections: Count
    request_timeout_seconds: Annotated[float, Gt(0)]
    """Time for a request to arrive whole."""
    shutdown_seconds: Annotated[float, Ge(0)]
    """Time that a stopping server gives the requests it has taken."""


def parse_command_line(arguments: Sequence[str]) -> tuple[Settings, bool]:
    """Give the settings, and whether to stop when standard input ends.

    Exits with status 2 and a line on standard error where an argument is wrong or missing.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ssp_encoder",
        description="The embeddings server; `ssp encoder serve` starts it with defaults.",
        allow_abbrev=False,
    )
    parser.add_argument("--stop-with-input", action="store_true")
    settings, rest = parse_settings(parser, Settings, arguments)
    return settings, rest["stop_with_input"]
