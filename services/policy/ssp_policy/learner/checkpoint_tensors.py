"""The tensors of a checkpoint's parts in files, and whether they are what the model needs."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ssp_policy.learner.durable_folder import damaged, differs
from ssp_policy.model.finite import is_finite

_FILE_BYTES = 4_000_000_000


def write_tensors(tensors: Mapping[str, Tensor], folder: Path) -> None:
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


def read_tensors(folder: Path, part: str, files: Iterable[str]) -> dict[str, Tensor]:
    """Read a part's tensors from those of the checkpoint's `files` that belong to it.

    Raises SSP_POLICY_CHECKPOINT_DAMAGED where a file cannot be read or two hold the same tensor.
    """
    tensors: dict[str, Tensor] = {}
    for file in sorted(files):
        if not (file.startswith(f"{part}/") and file.endswith(".safetensors")):
            continue
        try:
            with safe_open(folder / file, framework="pt") as opened:
                found = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise damaged(folder, f"{file} cannot be read: {error}") from error
        for name in tensors.keys() & found.keys():
            raise damaged(folder, f"{file} holds {name}, which another file of {part} holds too")
        tensors.update(found)
    return tensors


def check_tensors(
    folder: Path,
    part: str,
    found: Mapping[str, Tensor],
    wanted: Mapping[str, torch.Size],
    optional: Mapping[str, torch.Size] | None = None,
) -> None:
    """Compare names in both directions, shapes, and that all values are numbers.

    Raises SSP_POLICY_CHECKPOINT_DIFFERS with the first tensor that is not as `wanted`.
    """
    known = {**(optional or {}), **wanted}
    for name in wanted:
        if name not in found:
            raise differs(folder, name, f"no such tensor in its {part}")
    for name, tensor in found.items():
        if name not in known:
            raise differs(folder, f"no {name}", f"it in its {part}")
        if tensor.shape != known[name]:
            expected, shape = list(known[name]), list(tensor.shape)
            raise differs(folder, f"{name} of shape {expected}", f"{shape} in its {part}")
        if not is_finite(tensor):
            raise damaged(folder, f"{name} of its {part} holds NaN or infinite values")
