"""A model folder in the Hugging Face format, looked at before anything large is read."""

import json
from pathlib import Path
from typing import Any

from transformers import AutoConfig, PreTrainedConfig

from ssp_policy.errors import PolicyError

FAMILIES = ("qwen2", "qwen3", "llama")
_ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors", "adapter_model.bin")


def read_config(folder: Path) -> PreTrainedConfig:
    """Read config.json and refuse what this service cannot train exactly.

    Raises SSP_POLICY_MODEL_UNREADABLE where it, or generation_config.json, is missing or damaged,
    SSP_POLICY_MODEL_UNSUPPORTED for other families, quantised weights and attention windows, and
    SSP_POLICY_WEIGHTS_REFUSED for a folder with the files of an adapter.
    """
    _refuse_adapter(folder)
    path = folder / "config.json"
    family = read_table(path).get("model_type")
    if (folder / "generation_config.json").exists():
        # It names the tokens that end a reply; transformers goes on without a damaged one.
        read_table(folder / "generation_config.json")
    if family not in FAMILIES:
        raise unsupported(folder, f"its model_type is {family}")
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        raise unreadable(path, error) from error
    if getattr(config, "quantization_config", None) is not None:
        raise unsupported(folder, "its weights are quantised")
    if getattr(config, "transformers_weights", None) is not None:
        raise unsupported(folder, "its config.json names files of its own (transformers_weights)")
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    if kinds != {"full_attention"}:
        raise unsupported(folder, f"it has layers of {', '.join(sorted(kinds))}")
    return config


def refused(folder: Path, problem: str, advice: str) -> PolicyError:
    """Say what is wrong with the weights of a folder, and what to do."""
    return PolicyError("SSP_POLICY_WEIGHTS_REFUSED", path=folder, problem=problem, advice=advice)


def _refuse_adapter(folder: Path) -> None:
    """Refuse an adapter in the folder, which transformers would put on top of the weights."""
    found = [name for name in _ADAPTER_FILES if (folder / name).exists()]
    if found:
        advice = (
            "If the weights have it merged in already, move the adapter's files out of the folder. "
            "Else give the base model, and this folder as --adapter; `ssp model merge` merges both."
        )
        raise refused(folder, f"the folder holds {found[0]}, a file of a LoRA adapter", advice)


def read_table(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object. Raises SSP_POLICY_MODEL_UNREADABLE."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if not isinstance(table, dict):
        raise unreadable(path, ValueError("it is no JSON object"))
    return table


def unreadable(path: Path, error: Exception) -> PolicyError:
    """Say that a file of a model folder is missing or damaged."""
    problem = str(error) or type(error).__name__
    return PolicyError("SSP_POLICY_MODEL_UNREADABLE", path=path, problem=problem)


def unsupported(folder: Path, problem: str) -> PolicyError:
    """Say what in a model folder this service does not carry out."""
    return PolicyError("SSP_POLICY_MODEL_UNSUPPORTED", path=folder, problem=problem)
