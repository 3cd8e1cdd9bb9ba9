"""Named copies of the weights that never change: opponents, and the reference policy."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import torch
from torch import Tensor, nn

from ssp_policy.model.frozen import frozen_copy, values_swapped

Tensors = Mapping[str, Tensor]
"""The trained parameters by name: all of the model, or those of its adapter."""


class Snapshots(Protocol):
    """Copies by name. The owner sees to it that names are new when added and known when used."""

    def add(self, name: str, values: Tensors) -> None:
        """Keep a copy of `values`; a parameter that they lack is copied from the model."""
        ...

    def drop(self, name: str) -> None:
        """Free a copy."""
        ...

    def tensors(self, name: str) -> Tensors:
        """Give the copy's parameters, to be read only."""
        ...

    def use(self, name: str) -> AbstractContextManager[nn.Module]:
        """Give a model with these weights, valid inside the `with` block."""
        ...


class ModelSnapshots:
    """Whole copies of a model, kept on its own device or on another one.

    A copy that is kept elsewhere comes to the model's device when it is used and stays there until
    a different one is needed: one place on the device serves them all.
    """

    def __init__(self, model: nn.Module, *, device: torch.device, kept_on: torch.device) -> None:
        self._model = model
        self._device = device
        self._kept_on = kept_on
        self._copies: dict[str, nn.Module] = {}
        self._visitor: nn.Module | None = None
        self._visitor_name: str | None = None

    def add(self, name: str, values: Tensors) -> None:
        """See Snapshots.add."""
        self._copies[name] = frozen_copy(self._model, device=self._kept_on, values=values)

    def drop(self, name: str) -> None:
        """See Snapshots.drop."""
        del self._copies[name]
        if self._visitor_name == name:
            self._visitor_name = None

    def tensors(self, name: str) -> Tensors:
        """See Snapshots.tensors."""
        return dict(self._copies[name].named_parameters())

    @contextmanager
    def use(self, name: str) -> Generator[nn.Module]:
        """See Snapshots.use."""
        yield self._copies[name] if self._kept_on == self._device else self._visit(name)

    def _visit(self, name: str) -> nn.Module:
        copy = self._copies[name]
        if self._visitor is None:
            self._visitor = frozen_copy(copy, device=self._device)
        elif self._visitor_name != name:
            with torch.inference_mode(mode=False):
                arrived = dict(self._visitor.named_parameters())
                for key, parameter in copy.named_parameters():
                    arrived[key].copy_(parameter)
        self._visitor_name = name
        return self._visitor


class AdapterSnapshots:
    """Copies of an adapter's tensors, put in the place of the trained ones while they are used.

    peft could hold several adapters, but changing between them also changes what is trainable.
    """

    def __init__(self, model: nn.Module, adapter: Mapping[str, nn.Parameter]) -> None:
        self._model = model
        self._adapter = adapter
        self._copies: dict[str, dict[str, Tensor]] = {}

    def add(self, name: str, values: Tensors) -> None:
        """See Snapshots.add."""
        with torch.inference_mode(mode=False):
            self._copies[name] = {
                key: values[key].detach().to(parameter, copy=True)
                for key, parameter in self._adapter.items()
            }

    def drop(self, name: str) -> None:
        """See Snapshots.drop."""
        del self._copies[name]

    def tensors(self, name: str) -> Tensors:
        """See Snapshots.tensors."""
        return self._copies[name]

    @contextmanager
    def use(self, name: str) -> Generator[nn.Module]:
        """See Snapshots.use."""
        with values_swapped(self._adapter, self._copies[name]):
            yield self._model
