"""An adapter of PEFT that no service saved, in the place of a checkpoint: weights alone."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from ssp_policy.learner.durable_folder import differs
from ssp_policy.model.adapter import scales_of
from ssp_policy.model.loading import LoadedModel
from ssp_policy.model.peft_adapter import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    file_name,
    layout_of,
    read_adapter,
    read_lora,
)

_START = "; start the service with --adapter and this folder"


@dataclass(frozen=True)
class ForeignAdapter:
    """The trained weights by their names in the model, on the CPU."""

    weights: dict[str, Tensor]
    sha256: str
    """Of the file with the tensors: what `manifest_sha256` is of a checkpoint."""


def is_foreign_adapter(folder: Path) -> bool:
    """Tell whether a folder is an adapter and no checkpoint, which would have a manifest."""
    return (folder / CONFIG_FILE).is_file() and not (folder / "manifest.json").exists()


def read_foreign_adapter(
    folder: Path, loaded: LoadedModel, *, sha256: str | None = None
) -> ForeignAdapter:
    """Read an adapter that is as the running one: same layers, ranks and scales.

    Raises SSP_POLICY_CHECKPOINT_DIFFERS where it is another one, SSP_POLICY_ADAPTER_REFUSED and
    SSP_POLICY_MODEL_UNREADABLE.
    """
    if loaded.adapted is None:
        raise differs(folder, "weights of all parameters (the service runs with --full)", "LoRA")
    layout = layout_of(loaded.model.config, read_lora(folder), folder)
    trained = {n: p for n, p in loaded.model.named_parameters() if p.requires_grad}
    shapes = {file_name(name): parameter.shape for name, parameter in trained.items()}
    for name in shapes.keys() | layout.shapes.keys():
        own, other = shapes.get(name), layout.shapes.get(name)
        if own != other:
            wanted = "none" if own is None else str([*own])
            found = "none" if other is None else str([*other])
            raise differs(folder, f"{name} of shape {wanted}", f"{found}{_START}")
    for name, scale in scales_of(loaded.model).items():
        if layout.scales[name] != scale:
            found = f"{layout.scales[name]} (lora_alpha and r){_START}"
            raise differs(folder, f"the scale {scale} of {name}", found)
    tensors = read_adapter(folder, layout)
    digest = _digest(folder / WEIGHTS_FILE)
    if sha256 not in {None, digest}:
        raise differs(folder, f"the hash {sha256}", f"the hash {digest} of {WEIGHTS_FILE}")
    return ForeignAdapter({name: tensors[file_name(name)] for name in trained}, digest)


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
