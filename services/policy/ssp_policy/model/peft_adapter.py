"""A LoRA adapter in PEFT's format that was made elsewhere, checked before any of it is used.

What PEFT would quietly do otherwise, or this service does not train, is refused by field and value.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel

from ssp_policy.errors import PolicyError, shown
from ssp_policy.model.finite import is_finite
from ssp_policy.model.folder import read_table, unreadable

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
ADAPTER_NAME = "default"
_CARRIED_OUT = {
    *("r", "lora_alpha", "use_rslora", "rank_pattern", "alpha_pattern", "target_modules"),
    *("exclude_modules", "layers_to_transform", "layers_pattern"),
}
_ABOUT_TRAINING = {
    *("lora_dropout", "inference_mode", "eva_config", "loftq_config", "ensure_weight_tying"),
}
"""Of how it was trained; the adapter that came of it is the same."""
_NAMES = {
    *("peft_type", "task_type", "base_model_name_or_path", "revision", "auto_mapping"),
    *("peft_version", "megatron_config", "megatron_core", "runtime_config"),
}
_PLAIN_STARTS = (True, False, "gaussian", "orthogonal", "eva")
"""The other ways to begin change the base model too, so the adapter alone is not the difference."""
_FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


@dataclass(frozen=True)
class AdapterLayout:
    """What an adapter is on one model."""

    scales: Mapping[str, float]
    """Of each layer that has one, by the module's name: what `B A` is multiplied with."""
    shapes: Mapping[str, torch.Size]
    """Of each tensor, by its name in the file."""


def adapter_folder(path: Path) -> Path:
    """Give the folder with the adapter: itself, or `adapter` in a checkpoint's folder."""
    inner = path / "adapter"
    return inner if (inner / CONFIG_FILE).is_file() and not (path / CONFIG_FILE).exists() else path


def read_lora(folder: Path) -> LoraConfig:
    """Read adapter_config.json, ready to go on with: no dropout, trainable.

    Raises SSP_POLICY_MODEL_UNREADABLE where it is missing or damaged, and
    SSP_POLICY_ADAPTER_REFUSED for another kind of adapter than plain LoRA.
    """
    table = read_table(folder / CONFIG_FILE)
    if table.get("peft_type") != "LORA":
        raise adapter_refused(folder, f"its peft_type is {_said(table.get('peft_type'))}, not LORA")
    if table.get("task_type") not in {None, "CAUSAL_LM"}:
        raise adapter_refused(folder, f"its task_type is {_said(table['task_type'])}")
    _check_fields(folder, table)
    values = {name: table[name] for name in _CARRIED_OUT if table.get(name) is not None}
    try:
        lora = LoraConfig(**values, lora_dropout=0.0, task_type="CAUSAL_LM")
    except (TypeError, ValueError) as error:
        raise adapter_refused(folder, f"PEFT does not take its {CONFIG_FILE}: {error}") from error
    ranks = [lora.r, *(lora.rank_pattern or {}).values()]
    if not all(isinstance(rank, int) and 1 <= rank <= 4096 for rank in ranks):
        raise adapter_refused(folder, f"its rank is {_said(max(ranks, key=str))}, not 1 to 4096")
    if not lora.target_modules:
        raise adapter_refused(folder, "it names no target_modules")
    return lora


def largest_rank(lora: LoraConfig) -> int:
    """Give the rank that memory is planned for."""
    return max([lora.r, *(lora.rank_pattern or {}).values()])


def put_on(
    model: PreTrainedModel, lora: LoraConfig, folder: Path
) -> tuple[PeftModel, AdapterLayout]:
    """Put an adapter of this kind on a model, with PEFT's first weights.

    Raises SSP_POLICY_ADAPTER_REFUSED where the model has no such layers, and for layers other than
    the linear ones below the head.
    """
    head = model.get_output_embeddings()
    try:
        adapted = get_peft_model(model, lora, ADAPTER_NAME, autocast_adapter_dtype=False)
    except (ValueError, TypeError, KeyError) as error:
        problem = f"it does not fit the model: {shown(str(error), 300)}"
        raise adapter_refused(folder, problem) from error
    assert isinstance(adapted, PeftModel)
    scales: dict[str, float] = {}
    for name, module in model.named_modules():
        if not isinstance(module, BaseTunerLayer):
            continue
        if type(module) is not Linear or module.base_layer is head:
            problem = (
                f"it has a part for {name}; only linear layers below the head are trained here"
            )
            raise adapter_refused(folder, problem)
        scales[name] = module.scaling[ADAPTER_NAME]
    trained = (pair for pair in model.named_parameters() if pair[1].requires_grad)
    return adapted, AdapterLayout(scales, {file_name(name): p.shape for name, p in trained})


def layout_of(config: PreTrainedConfig, lora: LoraConfig, folder: Path) -> AdapterLayout:
    """Give the layout on a model of this configuration; nothing large is made."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
        return put_on(model, lora, folder)[1]


def read_adapter(folder: Path, layout: AdapterLayout) -> dict[str, Tensor]:
    """Read the tensors by their names in the file.

    Names are compared in both directions, shapes too, and that all values are numbers. Raises
    SSP_POLICY_MODEL_UNREADABLE and SSP_POLICY_ADAPTER_REFUSED.
    """
    path = folder / WEIGHTS_FILE
    if not path.exists() and (folder / "adapter_model.bin").exists():
        problem = "it has adapter_model.bin only; `save_pretrained` of PEFT writes safetensors"
        raise adapter_refused(folder, problem)
    try:
        with safe_open(path, framework="pt") as opened:
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise unreadable(path, error) from error
    for name, shape in layout.shapes.items():
        if name not in tensors:
            raise adapter_refused(folder, f"{WEIGHTS_FILE} has no {name}")
        if tensors[name].shape != shape:
            found = f"{name} has the shape {[*tensors[name].shape]}, "
            raise adapter_refused(folder, f"{found}this model and {CONFIG_FILE} need {[*shape]}")
    for name, tensor in tensors.items():
        if name not in layout.shapes:
            raise adapter_refused(folder, f"{WEIGHTS_FILE} has {name}, which has no place")
        if tensor.dtype not in _FLOATS:
            raise adapter_refused(folder, f"{name} has the format {tensor.dtype}")
        if not is_finite(tensor):
            raise adapter_refused(folder, f"{name} holds NaN or infinite values")
    return tensors


def file_name(parameter: str) -> str:
    """Give PEFT's name in files: that of the wrapped model, without the adapter's own name."""
    return "base_model.model." + parameter.replace(f".{ADAPTER_NAME}.", ".")


def adapter_refused(folder: Path, problem: str) -> PolicyError:
    """Say why an adapter is not taken."""
    return PolicyError("SSP_POLICY_ADAPTER_REFUSED", path=folder, problem=problem)


def _check_fields(folder: Path, table: Mapping[str, Any]) -> None:
    """Refuse whatever else is not at PEFT's default, named or not known at all."""
    if table.get("init_lora_weights", True) not in _PLAIN_STARTS:
        start = _said(table["init_lora_weights"])
        problem = f"it was begun with init_lora_weights {start}, which changes the base model too"
        raise adapter_refused(folder, problem)
    known = _CARRIED_OUT | _ABOUT_TRAINING | _NAMES | {"init_lora_weights"}
    neutral = _defaults()
    for field, value in table.items():
        if field not in known and value and value != neutral.get(field):
            problem = f"its {field} is {_said(value)}, which is not carried out here"
            raise adapter_refused(folder, problem)


def _defaults() -> dict[str, Any]:
    plain = LoraConfig()
    return {field.name: getattr(plain, field.name) for field in fields(LoraConfig)}


def _said(value: object) -> str:
    return shown(json.dumps(value, default=str))
