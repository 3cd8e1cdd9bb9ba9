"""The LoRA adapter that is trained instead of the model's own weights."""

from typing import Any, cast

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear
from torch import Tensor, nn
from torch.nn.functional import linear
from transformers import PreTrainedModel

from ssp_policy.settings import Settings

_NAME = "default"


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
            first, second = self.lora_A[_NAME], self.lora_B[_NAME]
            inner = linear(rows, cast(nn.Linear, first).weight)
            result.addmm_(inner, cast(nn.Linear, second).weight.t(), alpha=self.scaling[_NAME])
        return result.view(*x.shape[:-1], -1)


def add_adapter(model: PreTrainedModel, settings: Settings) -> PeftModel:
    """Put an adapter on all linear layers: scale 2, no dropout, first weights from the seed.

    Hu et al., "LoRA" (2021): the second matrix starts at 0, so the first policy is the model. Its
    numbers are those of the model; the optimizer has fp32 copies where that is not fp32.
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
    for module in adapted.modules():
        if type(module) is Linear:
            module.__class__ = FusedLinear
    return adapted
