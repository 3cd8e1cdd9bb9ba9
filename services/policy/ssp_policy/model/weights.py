"""The weights by name: the policy that is trained, the reference, and snapshots."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedTokenizerBase

from ssp_policy.errors import PolicyError, shown
from ssp_policy.model.exact import exact_copy
from ssp_policy.model.loading import LoadedModel
from ssp_policy.model.out_of_memory import memory_watched
from ssp_policy.model.snapshots import AdapterSnapshots, ModelSnapshots, Snapshots
from ssp_policy.settings import Settings

POLICY = "policy"
REFERENCE = "reference"


class Weights:
    """All weights of a service. One thread uses it: nothing here is locked.

    The reference is the first snapshot, made before anything is trained; of an adapter only its
    own tensors are copied (the second matrix is 0 then, which is the adapter switched off).
    """

    def __init__(self, loaded: LoadedModel, settings: Settings) -> None:
        self.loaded = loaded
        self.tokenizer: PreTrainedTokenizerBase | None = loaded.tokenizer
        self.config: PreTrainedConfig = loaded.model.config
        self.device: torch.device = loaded.device
        self.dtype: torch.dtype = loaded.dtype
        self.vocab_size: int = self.config.vocab_size
        context: int = self.config.max_position_embeddings
        self.max_length: int = min(context, settings.max_sequence_tokens or context)
        self.eos_token_ids: frozenset[int] = _end_tokens(loaded)
        self.trained: dict[str, nn.Parameter] = {
            name: parameter
            for name, parameter in loaded.model.named_parameters()
            if parameter.requires_grad
        }
        """Parameters by name; tied ones appear once."""
        self.policy_version = 0
        """Goes up by one with each change; a loaded checkpoint brings its own."""
        self._loads = 0
        self._snapshots = _make_snapshots(loaded, self.trained, settings)
        self._serials: dict[str, int] = {}
        self._made = 0
        self._exact = settings.exact_sampling
        self._exact_copies: dict[str, tuple[str, nn.Module]] = {}
        if settings.reference:
            self._keep(REFERENCE, self.trained)

    @property
    def live(self) -> nn.Module:
        """The model that is trained, with its adapter if it has one."""
        return self.loaded.model

    def names(self) -> list[str]:
        """Give what can be sampled from and scored with."""
        return [POLICY, *self._serials]

    def version(self, model: str) -> str:
        """Give a text that stands for one state of these weights and no other in this process."""
        self._check_known(model)
        if model == POLICY:
            return f"{POLICY}@{self._loads}.{self.policy_version}"
        return f"{model}#{self._serials[model]}"

    @contextmanager
    def for_scoring(self, model: str) -> Generator[nn.Module]:
        """Give a model for forward passes without gradients, in the format of training.

        Raises SSP_POLICY_MODEL_UNKNOWN. It is valid inside the `with` block only.
        """
        self._check_known(model)
        with torch.no_grad():
            if model == POLICY:
                yield self.live
            else:
                with self._snapshots.use(model) as module:
                    yield module

    @contextmanager
    def for_sampling(self, model: str) -> Generator[nn.Module]:
        """Give a model to sample from: that of `for_scoring`, or its fp64 copy if told so."""
        if self._exact:
            with torch.no_grad():
                yield self._exact_copy(model)
        else:
            with self.for_scoring(model) as module:
                yield module

    def changed(self) -> None:
        """Note that the trained weights have changed."""
        self.policy_version += 1

    def loaded_version(self, version: int) -> None:
        """Note that a checkpoint has replaced the trained weights."""
        self.policy_version = version
        self._loads += 1

    def snapshot(
        self, name: str, source: str = POLICY, values: Mapping[str, Tensor] | None = None
    ) -> None:
        """Keep a copy of the weights `source`, or of `values`, that nothing changes.

        Raises SSP_POLICY_SNAPSHOT_EXISTS, SSP_POLICY_MODEL_UNKNOWN and SSP_POLICY_OUT_OF_MEMORY.
        """
        if name in self.names():
            raise PolicyError("SSP_POLICY_SNAPSHOT_EXISTS", name=name)
        with memory_watched("a snapshot", "the number of snapshots, or pass --snapshot-device cpu"):
            self._keep(name, values if values is not None else self._tensors(source))

    def drop_snapshot(self, name: str) -> None:
        """Free a snapshot; raises what `check_droppable` does."""
        self.check_droppable(name)
        del self._serials[name]
        self._snapshots.drop(name)
        self._exact_copies.pop(name, None)

    def check_droppable(self, name: str) -> None:
        """Raise SSP_POLICY_MODEL_UNKNOWN for what is no snapshot; the policy is none."""
        if name == POLICY:
            raise self._unknown(name)
        self._check_known(name)

    def _tensors(self, model: str) -> Mapping[str, Tensor]:
        self._check_known(model)
        return self.trained if model == POLICY else self._snapshots.tensors(model)

    def _keep(self, name: str, values: Mapping[str, Tensor]) -> None:
        self._snapshots.add(name, values)
        self._made += 1
        self._serials[name] = self._made

    def _exact_copy(self, model: str) -> nn.Module:
        version = self.version(model)
        kept = self._exact_copies.get(model)
        if kept is not None and kept[0] == version:
            return kept[1]
        self._exact_copies.pop(model, None)
        with self.for_scoring(model) as module:
            copy = exact_copy(module, self.device)
        self._exact_copies[model] = (version, copy)
        return copy

    def _check_known(self, model: str) -> None:
        if model != POLICY and model not in self._serials:
            raise self._unknown(model)

    def _unknown(self, model: str) -> PolicyError:
        models = ", ".join(self.names())
        return PolicyError("SSP_POLICY_MODEL_UNKNOWN", model=shown(model), models=models)


def _make_snapshots(
    loaded: LoadedModel, trained: Mapping[str, nn.Parameter], settings: Settings
) -> Snapshots:
    if loaded.adapted is not None:
        return AdapterSnapshots(loaded.model, trained)
    kept_on = loaded.device if settings.snapshot_device == "same" else torch.device("cpu")
    return ModelSnapshots(loaded.model, device=loaded.device, kept_on=kept_on)


def _end_tokens(loaded: LoadedModel) -> frozenset[int]:
    """Collect the tokens that end a completion, from every place that may name them."""
    named = [
        loaded.model.config.eos_token_id,
        loaded.model.generation_config.eos_token_id,
        getattr(loaded.tokenizer, "eos_token_id", None),
    ]
    ends: set[int] = set()
    for value in named:
        ends.update(value if isinstance(value, list) else [] if value is None else [value])
    return frozenset(ends)
