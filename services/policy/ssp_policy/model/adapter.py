"""The LoRA adapter that is trained instead of the model's own weights."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear
from torch import Tensor, nn
from torch.nn.functional import linear
from transformers import PreTrainedModel

from ssp_policy.model.peft_adapter import (
    ADAPTER_NAME,
    adapter_folder,
    adapter_refused,
    file_name,
    largest_rank,
    put_on,
    read_adapter,
    read_lora,
)
from ssp_policy.settings import Settings


class FusedLinear(Linear):
    """PEFT's layer, whose part of the adapter is added where the base's result stands.

    PEFT makes three further matrices of the result's size for each layer: of what a backward pass
    needs between them, the allocator cannot use again what they leave.
    """

    def forward(self, x: Tensor, *_arguments: Any, **_named: Any) -> Tensor:
        """Give `x W^T + b + scale x A^T B^T`, of any leading shape."""
        rows = x.flatten(0, -2)
        result = self.base_layer(rows)
        if not (self.disable_adapters or self.merged):
            first, second = self.lora_A[ADAPTER_NAME], self.lora_B[ADAPTER_NAME]
            inner = linear(rows, cast(nn.Linear, first).weight)
            result.addmm_(
                inner, cast(nn.Linear, second).weight.t(), alpha=self.scaling[ADAPTER_NAME]
            )
        return result.view(*x.shape[:-1], -1)


def add_adapter(model: PreTrainedModel, settings: Settings) -> PeftModel:
    """Put an adapter on the model: that of the folder `settings.adapter`, else a fresh one.

    Its numbers are those of the model; the optimizer has fp32 copies where that is not fp32. Raises
    SSP_POLICY_ADAPTER_REFUSED and SSP_POLICY_MODEL_UNREADABLE.
    """
    if settings.adapter is None:
        adapted = _fresh_adapter(model, settings)
    else:
        adapted = _given_adapter(model, adapter_folder(settings.adapter))
    for module in adapted.modules():
        if type(module) is Linear:
            module.__class__ = FusedLinear
    return adapted


def with_its_rank(settings: Settings) -> Settings:
    """Give the settings with the rank of the adapter that they name, if they name one."""
    if settings.adapter is None:
        return settings
    folder = adapter_folder(settings.adapter)
    if settings.full:
        problem = "all parameters are to be trained (--full); merge it first (`ssp model merge`)"
        raise adapter_refused(folder, problem)
    return replace(settings, lora_rank=largest_rank(read_lora(folder)))


def scales_of(model: nn.Module) -> dict[str, float]:
    """Give what each layer's part of the adapter is multiplied with, by the module's name."""
    return {
        name: module.scaling[ADAPTER_NAME]
        for name, module in model.named_modules()
        if isinstance(module, FusedLinear)
    }


def _fresh_adapter(model: PreTrainedModel, settings: Settings) -> PeftModel:
    """All linear layers: scale 2, no dropout, first weights from the seed.

    Hu et al., "LoRA" (2021): the second matrix starts at 0, so the first policy is the model.
    """
    lora = LoraConfig(
        r=settings.lora_rank,
        lora_alpha=2 * settings.lora_rank,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(settings.seed)
        adapted = get_peft_model(model, lora, autocast_adapter_dtype=False)
    assert isinstance(adapted, PeftModel)
    return adapted


def _given_adapter(model: PreTrainedModel, folder: Path) -> PeftModel:
    adapted, layout = put_on(model, read_lora(folder), folder)
    tensors = read_adapter(folder, layout)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(tensors[file_name(name)])
    return adapted
