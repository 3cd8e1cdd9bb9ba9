"""The safetensors files of a model folder, compared with its configuration by their headers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from transformers import AutoModelForCausalLM, PreTrainedConfig

from ssp_policy.model.folder import refused, unreadable, unsupported

_WHOLE = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_SHARDS = "model-*-of-*.safetensors"
_FLOATS = ("F64", "F32", "F16", "BF16")
_DERIVED = ".rotary_emb.inv_freq"
"""Old files hold these frequencies, which are computed from config.json."""

_FETCH = "Fetch or copy the model again, into an empty folder."
_CORRECT = (
    "Take config.json and weights of one and the same model; where config.json is wrong, correct "
    "it (num_hidden_layers, attention_bias, tie_word_embeddings, ...)."
)
_CHOOSE = "Leave only the files of one model in the folder, and move the others away."


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as the header of its file describes it."""

    file: Path
    name: str
    shape: tuple[int, ...]
    dtype: str
    """In safetensors' words: F32, BF16, I8, ..."""

    def __str__(self) -> str:
        """Name it with its file."""
        return f"{self.name} (in {self.file.name})"


Stored = Mapping[str, StoredTensor]
"""The tensors of a folder by the names that the model has for them."""


def check_weight_files(folder: Path, config: PreTrainedConfig) -> Stored:
    """Compare the tensors in the files with those of the model, names in both directions.

    Raises SSP_POLICY_MODEL_UNREADABLE with the name of a damaged or missing file,
    SSP_POLICY_MODEL_UNSUPPORTED where the weights are in PyTorch's old format only, and
    SSP_POLICY_WEIGHTS_REFUSED where files contradict one another or config.json.
    """
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    tied = model.get_expanded_tied_weights_keys(all_submodels=True)
    stored = _by_model_name(folder, _read_headers(folder), shapes)
    _check_missing(folder, stored, shapes, tied)
    for name, tensor in stored.items():
        _check_kind(folder, tensor, shapes[name])
    return stored


def _by_model_name(
    folder: Path, tensors: list[StoredTensor], shapes: Mapping[str, tuple[int, ...]]
) -> Stored:
    """Give each tensor the model's name for it; a file of the bare model lacks `model.`."""
    stored: dict[str, StoredTensor] = {}
    left_over: list[StoredTensor] = []
    for tensor in tensors:
        name = tensor.name if tensor.name in shapes else f"model.{tensor.name}"
        if name in stored:
            raise refused(folder, f"it holds {stored[name]} and {tensor}", _CHOOSE)
        if name in shapes:
            stored[name] = tensor
        elif not tensor.name.endswith(_DERIVED):
            left_over.append(tensor)
    if left_over:
        problem = f"config.json has no place for {_first(left_over)}, which would be left out"
        raise refused(folder, problem, _CORRECT)
    return stored


def _check_missing(
    folder: Path, stored: Stored, shapes: Mapping[str, object], tied: Mapping[str, str]
) -> None:
    """Refuse a folder without some tensor; of two that are tied, one is enough."""
    twins = {**tied, **{source: name for name, source in tied.items()}}
    missing = [n for n in shapes if n not in stored and twins.get(n) not in stored]
    if missing:
        raise refused(folder, f"it has no {_first(missing)}", _CORRECT)


def _check_kind(folder: Path, tensor: StoredTensor, shape: tuple[int, ...]) -> None:
    if tensor.shape != shape:
        found, wanted = list(tensor.shape), list(shape)
        problem = f"{tensor} has the shape {found}, config.json asks for {wanted}"
        raise refused(folder, problem, _CORRECT)
    if tensor.dtype not in _FLOATS:
        problem = f"{tensor} has the format {tensor.dtype}, not one of {', '.join(_FLOATS)}"
        raise refused(folder, problem, "Take the model's weights before quantisation.")


def _read_headers(folder: Path) -> list[StoredTensor]:
    """List the tensors of all files; an index must say of each where it is, and of no other."""
    listed = _read_index(folder)
    if listed is None:
        return _read_header(_whole_file(folder))
    files = sorted({folder / shard for shard in listed.values()})
    tensors = [tensor for file in files for tensor in _read_header(file)]
    found = {(tensor.name, tensor.file.name) for tensor in tensors}
    for name, shard in listed.items():
        if (name, shard) not in found:
            raise refused(
                folder, f"{_INDEX} says that {name} is in {shard}, where it is not", _FETCH
            )
    unlisted = [tensor for tensor in tensors if listed.get(tensor.name) != tensor.file.name]
    if unlisted:
        raise refused(folder, f"{_INDEX} does not name {_first(unlisted)}", _FETCH)
    return tensors


def _read_header(path: Path) -> list[StoredTensor]:
    try:
        with safe_open(path, framework="pt") as opened:
            slices = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118
            return [
                StoredTensor(path, name, tuple(piece.get_shape()), piece.get_dtype())
                for name, piece in slices.items()
            ]
    except (OSError, SafetensorError) as error:
        raise unreadable(path, error) from error


def _whole_file(folder: Path) -> Path:
    path = folder / _WHOLE
    shards = sorted(shard.name for shard in folder.glob(_SHARDS))
    if shards:
        beside = f"it holds {_first(shards)} without the index {_INDEX}"
        raise refused(folder, beside, _CHOOSE if path.exists() else _FETCH)
    if not path.exists() and any(folder.glob("*.bin")):
        problem = (
            "it has weights in *.bin files only; `save_pretrained` of transformers converts them"
        )
        raise unsupported(folder, problem)
    return path


def _read_index(folder: Path) -> dict[str, str] | None:
    """Give the shard of each tensor, or None where there is no index."""
    path = folder / _INDEX
    if not path.exists():
        return None
    if (folder / _WHOLE).exists():
        raise refused(folder, f"it holds both {_WHOLE} and {_INDEX}", _CHOOSE)
    try:
        listed = dict(json.loads(path.read_text(encoding="utf-8"))["weight_map"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable(path, error) from error
    for name, shard in listed.items():
        if not isinstance(shard, str) or Path(shard).name != shard:
            raise refused(folder, f"{_INDEX} says that {name} is in {shard}, no file", _FETCH)
    known = set(listed.values())
    others = sorted(shard.name for shard in folder.glob(_SHARDS) if shard.name not in known)
    if others:
        raise refused(folder, f"it holds {_first(others)}, which {_INDEX} does not name", _CHOOSE)
    return listed


def _first(things: list[StoredTensor] | list[str]) -> str:
    """Name the first of some things and say how many more there are."""
    more = len(things) - 1
    return f"{things[0]}" + (f" and {more} more" if more else "")
