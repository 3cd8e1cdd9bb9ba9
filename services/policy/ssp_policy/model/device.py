"""The device and number format that `auto` stands for."""

from typing import Literal, Protocol

import torch

from ssp_policy.errors import PolicyError
from ssp_policy.settings import Settings


class DeviceSetting(Protocol):
    """Settings that name a device."""

    @property
    def device(self) -> Literal["auto", "cuda", "cpu"]:
        """Give what was asked for."""
        ...


def choose_device(settings: DeviceSetting) -> torch.device:
    """Give the device; raises SSP_POLICY_DEVICE_UNAVAILABLE where cuda is asked for in vain."""
    available = torch.cuda.is_available()
    if settings.device == "cpu" or (settings.device == "auto" and not available):
        return torch.device("cpu")
    if not available:
        built = f"this PyTorch was built for CUDA {torch.version.cuda or 'none'}"
        problem = f"PyTorch sees no GPU; {built}"
        raise PolicyError("SSP_POLICY_DEVICE_UNAVAILABLE", device="cuda", problem=problem)
    return torch.device("cuda", torch.cuda.current_device())


def choose_dtype(settings: Settings, device: torch.device) -> torch.dtype:
    """Give the format of the weights: as told, else bf16 on a GPU and fp32 on the CPU."""
    if settings.dtype == "auto":
        return torch.float32 if device.type == "cpu" else torch.bfloat16
    return torch.bfloat16 if settings.dtype == "bf16" else torch.float32


def uses_checkpointing(settings: Settings, device: torch.device) -> bool:
    """Tell whether a backward pass computes activations a second time to save memory."""
    if settings.gradient_checkpointing == "auto":
        return device.type != "cpu"
    return settings.gradient_checkpointing == "on"
