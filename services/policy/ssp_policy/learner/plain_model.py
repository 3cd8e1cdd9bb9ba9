"""A model as a plain Hugging Face folder: that of a folder as it is, or with an adapter merged in.

Weights are read and written a file at a time, in the format of the base model, so memory for one
file and one layer is enough.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor
from transformers import GenerationConfig, PreTrainedConfig

from ssp_policy.errors import PolicyError
from ssp_policy.learner.durable_folder import free_bytes, verify_folder, write_plain_folder
from ssp_policy.model.finite import is_finite
from ssp_policy.model.folder import read_config, read_table
from ssp_policy.model.peft_adapter import (
    adapter_folder,
    adapter_refused,
    file_name,
    layout_of,
    read_adapter,
    read_lora,
)
from ssp_policy.model.tokenizer import check_tokenizer
from ssp_policy.model.tokenizer_files import copy_tokenizer
from ssp_policy.model.weight_files import Stored, check_weight_files

_INDEX = "model.safetensors.index.json"
_DESCRIPTIONS = ("config.json", "generation_config.json", "LICENSE*", "NOTICE*")
_TOKENIZER_CONFIG = "tokenizer_config.json"
_LLAMA_CLASSES = {"LlamaTokenizer", "LlamaTokenizerFast"}
_SMALL_FILES_BYTES = 30_000_000

Report = Callable[[str, float], None]
"""Called with the name of a file of weights and the share that is done before it, 0 to 1."""


@dataclass(frozen=True)
class Written:
    """What was written, and the room on its disk before."""

    path: Path
    size: int
    """Bytes of all files."""
    files: int
    merged_layers: int
    free: int


def write_plain_model(
    model: Path, adapter: Path | None, out: Path, report: Report = lambda _name, _done: None
) -> Written:
    """Write the folder `out`, which appears whole or not at all and may be read by everybody.

    The layers with a part of the adapter become `W + scale B A`, computed in fp32. A model or an
    adapter out of a checkpoint is compared with its manifest first. Raises
    SSP_POLICY_EXPORT_FAILED where `out` holds something, for too little room and what the disk
    refuses; SSP_POLICY_CHECKPOINT_DAMAGED; and what reading a model and an adapter raises.
    """
    _verify_checkpoint(model)
    config = read_config(model)
    stored = check_weight_files(model, config)
    check_tokenizer(model, config.vocab_size)
    deltas = _Deltas({}, {})
    if adapter is not None:
        folder = adapter_folder(adapter)
        _verify_checkpoint(folder)
        deltas = _read_deltas(folder, config)
    free = _check_room(stored, out)

    def fill(empty: Path) -> None:
        _copy_descriptions(model, empty, config)
        _write_weights(model, stored, deltas, empty, report)
        check_weight_files(empty, config)

    size, files = write_plain_folder(out, fill)
    return Written(out, size, files, len(deltas.scales), free)


@dataclass(frozen=True)
class _Deltas:
    """An adapter: `scale B A` for the weight of each layer."""

    scales: Mapping[str, float]
    tensors: Mapping[str, Tensor]

    def added_to(self, name: str, weight: Tensor) -> Tensor:
        """Give the weight of a parameter with its part of the adapter, if it has one."""
        layer = name.removesuffix(".weight")
        if name == layer or layer not in self.scales:
            return weight
        first, second = (
            self.tensors[file_name(f"{layer}.lora_{part}.weight")].float() for part in "AB"
        )
        merged = torch.addmm(weight.float(), second, first, alpha=self.scales[layer])
        return merged.to(weight.dtype)


def _read_deltas(folder: Path, config: PreTrainedConfig) -> _Deltas:
    layout = layout_of(config, read_lora(folder), folder)
    return _Deltas(layout.scales, read_adapter(folder, layout))


def _verify_checkpoint(part: Path) -> None:
    if (part.parent / "manifest.json").exists() and (part.parent / "state.json").exists():
        verify_folder(part.parent)


def _check_room(stored: Stored, out: Path) -> int:
    """Give the free bytes where `out` will be; 0 where the disk does not tell."""
    files = {tensor.file for tensor in stored.values()}
    needed = sum(file.stat().st_size for file in files) + _SMALL_FILES_BYTES
    free = free_bytes(out)
    if 0 < free < needed:
        problem = f"it needs {needed / 1e9:.2f} GB, and its disk has {free / 1e9:.2f} GB free"
        raise PolicyError("SSP_POLICY_EXPORT_FAILED", path=out, problem=problem)
    return free


def _write_weights(
    model: Path, stored: Stored, deltas: _Deltas, folder: Path, report: Report
) -> None:
    names = {(tensor.file, tensor.name): name for name, tensor in stored.items()}
    files = sorted({tensor.file for tensor in stored.values()})
    for done, file in enumerate(files):
        report(file.name, done / len(files))
        if not deltas.scales:
            shutil.copyfile(file, folder / file.name)
            continue
        tensors: dict[str, Tensor] = {}
        with safe_open(file, framework="pt") as opened:
            for name in opened.keys():  # noqa: SIM118
                known: str = names.get((file, str(name)), str(name))
                tensors[name] = deltas.added_to(known, opened.get_tensor(name))
                if not is_finite(tensors[name]):
                    raise adapter_refused(model, f"{name} is not finite once it is merged")
        save_file(tensors, folder / file.name, metadata={"format": "pt"})
    if (model / _INDEX).exists():
        shutil.copyfile(model / _INDEX, folder / _INDEX)


def _copy_descriptions(model: Path, folder: Path, config: PreTrainedConfig) -> None:
    copy_tokenizer(model, folder)
    for pattern in _DESCRIPTIONS:
        for path in model.glob(pattern):
            if path.is_file():
                shutil.copyfile(path, folder / path.name)
    if not (folder / "generation_config.json").exists():
        GenerationConfig.from_model_config(config).save_pretrained(folder)
    _name_the_class(folder / _TOKENIZER_CONFIG)


def _name_the_class(path: Path) -> None:
    """Name the class that takes tokenizer.json as it is.

    Those of Llama build a tokenizer of their own from its vocabulary, which has other words where
    it is byte-level, as all are that were checked.
    """
    table = read_table(path) if path.exists() else {}
    if table.get("tokenizer_class") in _LLAMA_CLASSES:
        table["tokenizer_class"] = "PreTrainedTokenizerFast"
        path.write_text(json.dumps(table, ensure_ascii=False, indent=2), encoding="utf-8")
