"""Checkpoints: what other engines read, and what an exact resume needs.

model/          the model in the Hugging Face format (full training)
adapter/        the adapter in the PEFT format (LoRA), and merged/ where asked for
optimizer/      AdamW's moments, and fp32 master weights where the model is not fp32
state.json      counters, what was trained, and the service's own state
manifest.json   size and sha256 of every file
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ssp_policy.learner.durable_folder import (
    Saved,
    damaged,
    differs,
    verify_folder,
    write_folder,
)
from ssp_policy.model.frozen import frozen_copy
from ssp_policy.model.loading import LoadedModel

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

_FILE_BYTES = 4_000_000_000
_SHARD = "4GB"
_ADAPTER_CONFIG_BYTES = 1_000
_STATE_BYTES = 1_500
"""Of state.json, without what the service adds, and of manifest.json."""
_TOKENIZER_FILES = (
    "tokenizer*",
    "vocab.json",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template*",
)


@dataclass(frozen=True)
class Steps:
    """How far training has come."""

    step: int
    weights_version: int


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
    """Write all of a training state; see `write_folder` for its errors."""

    def fill(empty: Path) -> None:
        if loaded.adapted is None:
            _write_model(loaded, empty / "model")
        else:
            _write_adapter(loaded, loaded.adapted, empty / "adapter")
        if merged and loaded.adapted is not None:
            _write_merged(loaded, loaded.adapted, empty / "merged")
        _write_tensors(optimizer, empty / "optimizer")
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
        names = (*_TOKENIZER_FILES, "config.json", "generation_config.json")
        copied = [path for name in names for path in loaded.folder.glob(name) if path.is_file()]
        small = sum(path.stat().st_size for path in copied)
    else:
        weights = {_adapter_name(name): tensor for name, tensor in _adapter(loaded)}
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
    verify_folder(folder, manifest_sha256=manifest_sha256, only_sizes=True)
    _check_fits(folder, loaded)


def read_checkpoint(
    folder: Path, loaded: LoadedModel, *, manifest_sha256: str | None = None
) -> Checkpoint:
    """Verify a checkpoint and read it; nothing of the running model is touched.

    Raises SSP_POLICY_CHECKPOINT_UNKNOWN, SSP_POLICY_CHECKPOINT_DAMAGED and
    SSP_POLICY_CHECKPOINT_DIFFERS: it does not fit the model, or its manifest is another one than
    `manifest_sha256`.
    """
    found = verify_folder(folder, manifest_sha256=manifest_sha256)
    weights = _read_fitting_weights(folder, loaded)
    state = _read_state(folder)
    steps = Steps(state["step"], state["weights_version"])
    return Checkpoint(weights, _read_tensors(folder, "optimizer"), steps, state["extra"], found)


def read_weights(folder: Path, loaded: LoadedModel) -> dict[str, Tensor]:
    """Verify a checkpoint and read the trained weights alone; errors as of `read_checkpoint`."""
    verify_folder(folder)
    return _read_fitting_weights(folder, loaded)


def _check_fits(folder: Path, loaded: LoadedModel) -> None:
    found, own = _read_state(folder)["trained"], _identity(loaded)
    for key, value in own.items():
        if found.get(key) != value:
            raise differs(folder, f"{key} {value}", f"{key} {found.get(key)}")


def _read_fitting_weights(folder: Path, loaded: LoadedModel) -> dict[str, Tensor]:
    _check_fits(folder, loaded)
    if loaded.adapted is None:
        return _read_tensors(folder, "model")
    saved = _read_tensors(folder, "adapter")
    return {name: saved[_adapter_name(name)] for name, _ in _adapter(loaded)}


def _identity(loaded: LoadedModel) -> dict[str, Any]:
    """Describe what is trained: a checkpoint fits only where all of it is equal."""
    trained = [(n, p) for n, p in loaded.model.named_parameters() if p.requires_grad]
    config = loaded.model.config
    return {
        "family": config.model_type,
        "mode": "full" if loaded.adapted is None else "lora",
        "dtype": str(loaded.dtype).removeprefix("torch."),
        "layers": config.num_hidden_layers,
        "hidden_size": config.hidden_size,
        "vocab_size": config.vocab_size,
        "tensors": len(trained),
        "parameters": sum(parameter.numel() for _, parameter in trained),
    }


def _write_model(loaded: LoadedModel, folder: Path) -> None:
    loaded.model.save_pretrained(folder, max_shard_size=_SHARD)
    _copy_tokenizer(loaded, folder)


def _write_adapter(loaded: LoadedModel, adapted: PeftModel, folder: Path) -> None:
    folder.mkdir()
    tensors = {_adapter_name(name): tensor for name, tensor in _adapter(loaded)}
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    adapted.active_peft_config.save_pretrained(str(folder))


def _write_merged(loaded: LoadedModel, adapted: PeftModel, folder: Path) -> None:
    copy = frozen_copy(adapted, device=torch.device("cpu"))
    merged = copy.merge_and_unload()  # pyright: ignore[reportCallIssue]
    merged.save_pretrained(folder, max_shard_size=_SHARD)
    _copy_tokenizer(loaded, folder)


def _adapter(loaded: LoadedModel) -> Iterator[tuple[str, Tensor]]:
    for name, parameter in loaded.model.named_parameters():
        if parameter.requires_grad:
            yield name, parameter.detach().contiguous()


def _adapter_name(name: str) -> str:
    """Give PEFT's name in files: that of the wrapped model, without the adapter's own name."""
    return "base_model.model." + name.replace(".default.", ".")


def _copy_tokenizer(loaded: LoadedModel, folder: Path) -> None:
    for pattern in _TOKENIZER_FILES:
        for path in loaded.folder.glob(pattern):
            if path.is_file():
                shutil.copyfile(path, folder / path.name)


def _write_tensors(tensors: Mapping[str, Tensor], folder: Path) -> None:
    """Write files of some GB each: a file's tensors are brought to the CPU together."""
    folder.mkdir()
    batch: dict[str, Tensor] = {}
    number = 1
    for name, tensor in tensors.items():
        batch[name] = tensor.contiguous()
        if sum(t.nbytes for t in batch.values()) >= _FILE_BYTES:
            save_file(batch, folder / f"{number:05}.safetensors")
            batch, number = {}, number + 1
    save_file(batch, folder / f"{number:05}.safetensors")


def _read_tensors(folder: Path, part: str) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    try:
        for path in sorted((folder / part).glob("*.safetensors")):
            with safe_open(path, framework="pt") as opened:
                tensors.update({name: opened.get_tensor(name) for name in opened.keys()})  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise damaged(folder, f"{part} cannot be read: {error}") from error
    return tensors


def _read_state(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(folder, f"state.json cannot be read: {error}") from error
