"""Checkpoints: what other engines read, and what an exact resume needs.

model/          the model in the Hugging Face format (full training)
adapter/        the adapter in the PEFT format (LoRA), and merged/ where asked for
optimizer/      AdamW's moments, and fp32 master weights where the model is not fp32
state.json      counters, what was trained, and the service's own state
manifest.json   size and sha256 of every file
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from pydantic import NonNegativeInt, TypeAdapter
from pydantic.dataclasses import dataclass as checked_dataclass
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import Parameter

from ssp_policy.errors import PolicyError
from ssp_policy.learner.checkpoint_tensors import check_tensors, read_tensors, write_tensors
from ssp_policy.learner.durable_folder import (
    Saved,
    damaged,
    differs,
    verify_folder,
    write_folder,
)
from ssp_policy.learner.foreign_adapter import is_foreign_adapter, read_foreign_adapter
from ssp_policy.learner.optimizer import shapes_of_state
from ssp_policy.model.adapter import scales_of
from ssp_policy.model.finite import is_finite
from ssp_policy.model.frozen import frozen_copy
from ssp_policy.model.loading import LoadedModel
from ssp_policy.model.peft_adapter import file_name
from ssp_policy.model.tokenizer_files import copy_tokenizer, tokenizer_files

__all__ = [
    "Checkpoint",
    "Saved",
    "Steps",
    "check_checkpoint",
    "forecast_bytes",
    "read_checkpoint",
    "read_weights",
    "write_checkpoint",
]

_SHARD = "4GB"
_ADAPTER_CONFIG_BYTES = 1_000
_STATE_BYTES = 1_500
"""Of state.json, without what the service adds, and of manifest.json."""


@dataclass(frozen=True)
class Steps:
    """How far training has come."""

    step: int
    weights_version: int


@checked_dataclass(frozen=True)
class _State:
    """What state.json holds."""

    step: NonNegativeInt
    weights_version: NonNegativeInt
    trained: dict[str, Any]
    extra: dict[str, Any]


_STATE = TypeAdapter(_State)
_BASE_SAMPLES = 64
_LATER_KEYS = ("heads", "key_heads", "rope_theta", "base", "lora_scales")
"""Older checkpoints do not say these."""


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint that fits the running model; tensors are on the CPU."""

    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    steps: Steps
    extra_state: dict[str, Any]
    manifest_sha256: str


def write_checkpoint(
    folder: Path,
    loaded: LoadedModel,
    optimizer: Mapping[str, Tensor],
    steps: Steps,
    *,
    merged: bool,
    overwrite: bool,
    extra_state: Mapping[str, Any],
) -> Saved:
    """Write all of a training state.

    Raises SSP_POLICY_WEIGHTS_NOT_FINITE, and the errors of `write_folder`.
    """
    for name, parameter in _trained(loaded):
        if not is_finite(parameter):
            raise PolicyError("SSP_POLICY_WEIGHTS_NOT_FINITE", name=name)

    def fill(empty: Path) -> None:
        if loaded.adapted is None:
            _write_model(loaded, empty / "model")
        else:
            _write_adapter(loaded, loaded.adapted, empty / "adapter")
        if merged and loaded.adapted is not None:
            _write_merged(loaded, loaded.adapted, empty / "merged")
        write_tensors(optimizer, empty / "optimizer")
        state = {**asdict(steps), "trained": _identity(loaded), "extra": dict(extra_state)}
        (empty / "state.json").write_text(json.dumps(state, indent=1), encoding="utf-8")

    return write_folder(folder, fill, overwrite=overwrite)


def forecast_bytes(loaded: LoadedModel, optimizer: Mapping[str, Tensor]) -> int:
    """Give the bytes that `write_checkpoint` will need, without `merged` and `extra_state`.

    Tensors count exactly, as long as they fit into one file each; the small files count as much as
    those of the model folder, or as they usually have.
    """
    if loaded.adapted is None:
        weights = _untied(loaded.model.state_dict())
        names = ("config.json", "generation_config.json")
        written = [path for name in names if (path := loaded.folder / name).is_file()]
        copied = [*tokenizer_files(loaded.folder), *written]
        small = sum(path.stat().st_size for path in copied)
    else:
        weights = {file_name(name): tensor for name, tensor in _trained(loaded)}
        small = _ADAPTER_CONFIG_BYTES
    return _file_bytes(weights) + _file_bytes(optimizer) + small + _STATE_BYTES


def _file_bytes(tensors: Mapping[str, Tensor]) -> int:
    """Give the size of one safetensors file: its header in JSON, and the numbers."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        shape = [*tensor.shape]
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    return len(json.dumps(header, separators=(",", ":"))) + end


def _untied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Leave out what is tied to another tensor, as files do."""
    return dict({each.data_ptr(): (name, each) for name, each in tensors.items()}.values())


def check_checkpoint(
    folder: Path, loaded: LoadedModel, *, manifest_sha256: str | None = None
) -> None:
    """Raise what `read_checkpoint` would, as far as that shows without reading the tensors."""
    if is_foreign_adapter(folder):
        read_foreign_adapter(folder, loaded, sha256=manifest_sha256)
        return
    verify_folder(folder, manifest_sha256=manifest_sha256, only_sizes=True)
    _check_fits(folder, loaded)


def read_checkpoint(
    folder: Path, loaded: LoadedModel, *, manifest_sha256: str | None = None
) -> Checkpoint:
    """Verify a checkpoint and read it; nothing of the running model is touched.

    Raises SSP_POLICY_CHECKPOINT_UNKNOWN, SSP_POLICY_CHECKPOINT_DAMAGED and
    SSP_POLICY_CHECKPOINT_DIFFERS: it does not fit the model, or its manifest is another one than
    `manifest_sha256`. An adapter that was made elsewhere is weights alone: training begins with it.
    """
    if is_foreign_adapter(folder):
        foreign = read_foreign_adapter(folder, loaded, sha256=manifest_sha256)
        return Checkpoint(foreign.weights, {}, Steps(0, 0), {}, foreign.sha256)
    found = verify_folder(folder, manifest_sha256=manifest_sha256)
    weights = _read_fitting_weights(folder, loaded, found.files)
    state = _read_state(folder)
    steps = Steps(state.step, state.weights_version)
    optimizer = read_tensors(folder, "optimizer", found.files)
    check_tensors(folder, "optimizer", optimizer, *shapes_of_state(dict(_trained(loaded))))
    return Checkpoint(weights, optimizer, steps, state.extra, found.manifest_sha256)


def read_weights(folder: Path, loaded: LoadedModel) -> dict[str, Tensor]:
    """Verify a checkpoint and read the trained weights alone; errors as of `read_checkpoint`."""
    if is_foreign_adapter(folder):
        return read_foreign_adapter(folder, loaded).weights
    return _read_fitting_weights(folder, loaded, verify_folder(folder).files)


def _check_fits(folder: Path, loaded: LoadedModel) -> None:
    own, said = _identity(loaded), _read_state(folder).trained
    found = {key: own.get(key) for key in _LATER_KEYS} | said
    for key, value in own.items():
        if found.get(key) != value:
            raise differs(folder, f"{key} {value}", f"{key} {found.get(key)}")


def _read_fitting_weights(
    folder: Path, loaded: LoadedModel, files: Iterable[str]
) -> dict[str, Tensor]:
    _check_fits(folder, loaded)
    part, in_file = ("model", str) if loaded.adapted is None else ("adapter", file_name)
    saved = read_tensors(folder, part, files)
    shapes = {in_file(name): parameter.shape for name, parameter in _trained(loaded)}
    check_tensors(folder, part, saved, shapes)
    return {name: saved[in_file(name)] for name, _ in _trained(loaded)}


def _identity(loaded: LoadedModel) -> dict[str, Any]:
    """Describe what is trained: a checkpoint fits only where all of it is equal."""
    trained = [parameter for _, parameter in _trained(loaded)]
    config = loaded.model.config
    identity = {
        "family": config.model_type,
        "mode": "full" if loaded.adapted is None else "lora",
        "dtype": str(loaded.dtype).removeprefix("torch."),
        "layers": config.num_hidden_layers,
        "hidden_size": config.hidden_size,
        "vocab_size": config.vocab_size,
        "heads": config.num_attention_heads,
        "key_heads": config.num_key_value_heads,
        "rope_theta": config.rope_parameters["rope_theta"],
        "tensors": len(trained),
        "parameters": sum(parameter.numel() for parameter in trained),
    }
    if loaded.adapted is None:
        return identity
    scales = sorted(set(scales_of(loaded.model).values()))
    return identity | {"base": _base_of(loaded), "lora_scales": scales}


def _base_of(loaded: LoadedModel) -> str:
    """Give a text that tells the frozen weights of two models apart, from samples of each tensor.

    Models of one size differ in nearly every number; a whole hash takes as long as loading does.
    """
    digest = hashlib.sha256()
    for parameter in loaded.model.parameters():
        if not parameter.requires_grad:
            values = parameter.detach().flatten()
            sample = values[:: max(1, len(values) // _BASE_SAMPLES)].contiguous().cpu()
            digest.update(sample.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _write_model(loaded: LoadedModel, folder: Path) -> None:
    loaded.model.save_pretrained(folder, max_shard_size=_SHARD)
    copy_tokenizer(loaded.folder, folder)


def _write_adapter(loaded: LoadedModel, adapted: PeftModel, folder: Path) -> None:
    folder.mkdir()
    tensors = {file_name(name): p.detach().contiguous() for name, p in _trained(loaded)}
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    adapted.active_peft_config.save_pretrained(str(folder))


def _write_merged(loaded: LoadedModel, adapted: PeftModel, folder: Path) -> None:
    copy = frozen_copy(adapted, device=torch.device("cpu"))
    merged = copy.merge_and_unload()  # pyright: ignore[reportCallIssue]
    merged.save_pretrained(folder, max_shard_size=_SHARD)
    copy_tokenizer(loaded.folder, folder)


def _trained(loaded: LoadedModel) -> Iterator[tuple[str, Parameter]]:
    for name, parameter in loaded.model.named_parameters():
        if parameter.requires_grad:
            yield name, parameter


def _read_state(folder: Path) -> _State:
    try:
        text = (folder / "state.json").read_text(encoding="utf-8")
        return _STATE.validate_json(text)
    except (OSError, ValueError) as error:
        raise damaged(folder, f"state.json cannot be read: {error}") from error
