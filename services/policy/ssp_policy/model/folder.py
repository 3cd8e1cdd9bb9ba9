"""A model folder in the Hugging Face format, looked at before anything large is read."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from transformers import AutoConfig, PreTrainedConfig

from ssp_policy.errors import PolicyError

FAMILIES = ("qwen2", "qwen3", "llama")


def read_config(folder: Path) -> PreTrainedConfig:
    """Read config.json and refuse what this service cannot train exactly.

    Raises SSP_POLICY_MODEL_UNREADABLE where it is missing or damaged, SSP_POLICY_MODEL_UNSUPPORTED
    for other families, quantised weights and attention windows.
    """
    path = folder / "config.json"
    try:
        family = json.loads(path.read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise _unreadable(path, error) from error
    if family not in FAMILIES:
        raise _unsupported(folder, f"its model_type is {family}")
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        raise _unreadable(path, error) from error
    if getattr(config, "quantization_config", None) is not None:
        raise _unsupported(folder, "its weights are quantised")
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    if kinds != {"full_attention"}:
        raise _unsupported(folder, f"it has layers of {', '.join(sorted(kinds))}")
    return config


def check_weight_files(folder: Path) -> list[Path]:
    """Find the safetensors files and read their headers, which shows a truncated file.

    Raises SSP_POLICY_MODEL_UNREADABLE with the name of the damaged or missing file, and
    SSP_POLICY_MODEL_UNSUPPORTED where the weights are in PyTorch's old format only.
    """
    files = _weight_files(folder)
    for path in files:
        try:
            with safe_open(path, framework="pt") as opened:
                opened.keys()
        except (OSError, SafetensorError) as error:
            raise _unreadable(path, error) from error
    return files


def _weight_files(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if index.exists():
        try:
            shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise _unreadable(index, error) from error
        return sorted(folder / shard for shard in set(shards))
    if not (folder / "model.safetensors").exists() and any(folder.glob("*.bin")):
        problem = (
            "it has weights in *.bin files only; `save_pretrained` of transformers converts them"
        )
        raise _unsupported(folder, problem)
    return [folder / "model.safetensors"]


def _unreadable(path: Path, error: Exception) -> PolicyError:
    problem = str(error) or type(error).__name__
    return PolicyError("SSP_POLICY_MODEL_UNREADABLE", path=path, problem=problem)


def _unsupported(folder: Path, problem: str) -> PolicyError:
    return PolicyError("SSP_POLICY_MODEL_UNSUPPORTED", path=folder, problem=problem)
