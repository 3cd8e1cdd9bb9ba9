"""AdamW over fp32 master weights, on the model's device or on the CPU."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from ssp_policy.learner.gradients import Gradient

_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(frozen=True, kw_only=True)
class AdamWSettings:
    """One step's settings, all from the caller; `max_grad_norm` None does not clip."""

    lr: float
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    max_grad_norm: float | None = None


def shapes_of_state(
    trained: Mapping[str, nn.Parameter],
) -> tuple[dict[str, torch.Size], dict[str, torch.Size]]:
    """Give the shapes of `Optimizer.tensors`: of what must be there, and of what may be.

    Weights in fp32 need no master, and have one only on another device.
    """
    required: dict[str, torch.Size] = {}
    optional: dict[str, torch.Size] = {}
    for name, parameter in trained.items():
        required.update({f"{kind}.{name}": parameter.shape for kind in _MOMENTS})
        masters = optional if parameter.dtype == torch.float32 else required
        masters[f"master.{name}"] = parameter.shape
    return required, optional


class Optimizer:
    """AdamW (Loshchilov and Hutter, 2019) as in torch.optim, one parameter after the other.

    Weights in fp32 on the optimizer's device are their own masters; all others have a master copy,
    so that steps smaller than the resolution of bf16 are not lost. Each parameter has a `torch`
    optimizer of its own: only one gradient at a time has to be on the optimizer's device.
    """

    def __init__(self, trained: Mapping[str, nn.Parameter], device: torch.device) -> None:
        self._trained = trained
        self._device = device
        with torch.inference_mode(mode=False):
            self._masters = {name: self._master_of(p) for name, p in trained.items()}
        self._steppers = {
            name: AdamW([master], fused=True) for name, master in self._masters.items()
        }
        self._set_moments(0, None)

    def step(self, gradient: Gradient, settings: AdamWSettings, *, scale: float) -> None:
        """Step against `scale * gradient`; the gradient's tensors may be changed."""
        for name, parameter in self._trained.items():
            master, stepper = self._masters[name], self._steppers[name]
            stepper.param_groups[0].update(
                lr=settings.lr,
                betas=settings.betas,
                eps=settings.eps,
                weight_decay=settings.weight_decay,
            )
            master.grad = gradient[name].mul_(scale).to(self._device)
            stepper.step()
            master.grad = None
            if master is not parameter:
                with torch.no_grad():
                    parameter.copy_(master.to(parameter.dtype))

    def tensors(self) -> dict[str, Tensor]:
        """Give all that a resume needs beside the weights: moments, and masters where kept.

        Names are `<kind>.<parameter>`; the tensors are the live ones, to be read only.
        """
        kept: dict[str, Tensor] = {}
        for name, parameter in self._trained.items():
            state = self._steppers[name].state[self._masters[name]]
            kept.update({f"{kind}.{name}": state[kind] for kind in _MOMENTS})
            if self._masters[name] is not parameter:
                kept[f"master.{name}"] = self._masters[name].detach()
        return kept

    def restore(self, saved: Mapping[str, Tensor], step: int) -> None:
        """Take over what `tensors` gave after `step` steps, once the weights are restored.

        A master that was not saved (the checkpoint's weights were fp32) is made from the weights;
        with nothing saved the moments are 0.
        """
        with torch.no_grad():
            for name, parameter in self._trained.items():
                master = self._masters[name]
                if master is not parameter:
                    master.copy_(saved.get(f"master.{name}", parameter))
        self._set_moments(step, saved or None)

    def _master_of(self, parameter: nn.Parameter) -> nn.Parameter:
        if parameter.dtype == torch.float32 and parameter.device == self._device:
            return parameter
        return nn.Parameter(parameter.detach().to(self._device, torch.float32, copy=True))

    def _set_moments(self, step: int, saved: Mapping[str, Tensor] | None) -> None:
        """Set them before the first step, so that a step allocates no state half-way."""
        for name, stepper in self._steppers.items():
            master = self._masters[name].detach()
            moments = {
                kind: torch.zeros_like(master)
                if saved is None
                else saved[f"{kind}.{name}"].to(master, copy=True)
                for kind in _MOMENTS
            }
            state = {0: {"step": torch.tensor(float(step)), **moments}}
            groups = stepper.state_dict()["param_groups"]
            stepper.load_state_dict({"state": state, "param_groups": groups})
