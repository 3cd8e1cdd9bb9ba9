"""Everything that the service can be told at its start; `ssp policy --help` describes each value.

Defaults and their reasons stand in src/config/policy.ts, which passes every value on: here nothing
has a second default. A test holds the two lists in step.
"""

import argparse
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args

from annotated_types import Ge, Gt
from pydantic import BeforeValidator, ValidationError
from pydantic.dataclasses import dataclass

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Kind = TypeVar("Kind", bound="DataclassInstance")
Count = Annotated[int, Ge(1)]
Natural = Annotated[int, Ge(0)]


def _split(value: object) -> object:
    """Give the parts of `a,b`; an empty text has none."""
    return tuple(filter(None, value.split(","))) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_split)]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One service's settings. `None` means: chosen from the model and the device."""

    model: Path
    """Folder in the Hugging Face format."""
    adapter: Path | None
    """Folder of a LoRA adapter in PEFT's format to begin with; its rank counts then."""
    full: bool
    """Train all parameters; else a LoRA adapter of rank `lora_rank`."""
    lora_rank: Count
    dtype: Literal["auto", "bf16", "fp32"]
    """auto: bf16 on cuda, fp32 on cpu."""
    device: Literal["auto", "cuda", "cpu"]
    threads: Natural
    """Threads of PyTorch on the CPU; 0 leaves its own choice."""
    seed: Natural
    """Of the adapter's first weights and of sampling requests that bring no seed."""
    host: str
    port: Natural
    allowed_hosts: Texts
    """Further names under which the service may be asked."""
    allowed_origins: Texts
    """Web pages that may use the service."""
    checkpoints: Path
    """Folder under which save and load find their names."""
    reference: bool
    """Keep the first weights as the model `reference` (a copy in full training)."""
    snapshot_device: Literal["same", "cpu"]
    """Where copies of weights that are not trained are kept."""
    optimizer_device: Literal["same", "cpu"]
    """Where fp32 master weights and moments are kept."""
    gradient_checkpointing: Literal["auto", "on", "off"]
    """auto: on on cuda; on a CPU where memory is short."""
    micro_batch_tokens: Count | None
    """Tokens of one forward pass of training and scoring, padding included."""
    logit_chunk: Count
    """Positions whose logits over the whole vocabulary exist at one time."""
    exact_sampling: bool
    """Sample in fp64, so that a request's tokens do not depend on what else is in flight."""
    max_running: Count
    """Requests that are sampled at the same time."""
    max_waiting: Count
    """Requests that may wait beyond those."""
    prefill_tokens: Count
    """Prompt tokens that one batch takes beside the running requests."""
    kv_cache_gb: Annotated[float, Gt(0)] | None
    """Memory for keys and values."""
    max_sequence_tokens: Count | None
    """Longest sequence; the model's context at most."""
    max_body_bytes: Count
    max_connections: Count
    """Open at the same time; requests over further ones are refused."""
    request_timeout_seconds: Annotated[float, Gt(0)]
    """Time for a request to arrive whole."""
    shutdown_seconds: Annotated[float, Ge(0)]
    """Time that a stopping service gives the requests it has taken."""

    @property
    def training_tokens(self) -> int:
        """Tokens of a micro-batch, once `fit_memory` has chosen them."""
        assert self.micro_batch_tokens is not None
        return self.micro_batch_tokens


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """The settings, and what this run is for."""

    settings: Settings
    preflight: bool
    """Only compute the memory that the settings need."""
    stop_with_input: bool
    """Stop when standard input ends: whoever started the service has gone."""


def parse_command_line(arguments: Sequence[str]) -> CommandLine:
    """Read the command line.

    Exits with status 2 and a line on standard error where an argument is wrong or missing.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ssp_policy",
        description="The policy service; `ssp policy` starts it with defaults and describes these.",
        allow_abbrev=False,
    )
    parser.add_argument("--preflight", action="store_true")
    parser.add_argument("--stop-with-input", action="store_true")
    settings, rest = parse_settings(parser, Settings, arguments)
    return CommandLine(settings=settings, **rest)


def parse_settings(
    parser: argparse.ArgumentParser, kind: type[Kind], arguments: Sequence[str]
) -> tuple[Kind, dict[str, Any]]:
    """Read one flag for each field of the dataclass `kind`; those that may be None are optional.

    Gives it, and the values of the flags that the parser had before. Exits as `parse_command_line`.
    """
    names = [field.name for field in fields(kind)]
    for field in fields(kind):
        is_optional = type(None) in get_args(field.type)
        parser.add_argument(_flag(field.name), metavar="VALUE", required=not is_optional)
    values = vars(parser.parse_args(arguments))
    rest = {name: value for name, value in values.items() if name not in names}
    try:
        return kind(**{name: values[name] for name in names}), rest
    except ValidationError as error:
        first = error.errors()[0]
        name = _flag(str(first["loc"][0]))
        parser.error(f"{name}: {first['msg']} (given {first['input']!r})")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
