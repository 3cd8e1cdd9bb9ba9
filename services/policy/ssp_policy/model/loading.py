"""Reading a model folder into a model that is ready to be trained."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from ssp_policy.errors import PolicyError
from ssp_policy.model.adapter import add_adapter
from ssp_policy.model.device import choose_device, choose_dtype
from ssp_policy.model.finite import is_finite
from ssp_policy.model.folder import read_config, refused
from ssp_policy.model.tokenizer import load_tokenizer
from ssp_policy.model.weight_files import Stored, check_weight_files
from ssp_policy.settings import Settings

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and what is being done."""


@dataclass(frozen=True)
class LoadedModel:
    """A model on its device; `adapted` wraps the same modules where an adapter is trained."""

    model: PreTrainedModel
    adapted: PeftModel | None
    tokenizer: PreTrainedTokenizerBase | None
    device: torch.device
    dtype: torch.dtype
    folder: Path


def load_model(
    settings: Settings, *, attention: str = "sdpa", progress: Progress = lambda _done, _what: None
) -> LoadedModel:
    """Load the folder `settings.model`, with an adapter unless all parameters are trained.

    `attention` is a name registered with transformers. Nothing is fetched from a network. Raises
    SSP_POLICY_MODEL_UNSUPPORTED, SSP_POLICY_MODEL_UNREADABLE, SSP_POLICY_WEIGHTS_REFUSED and
    SSP_POLICY_TOKENIZER_REFUSED (with the file at fault), SSP_POLICY_ADAPTER_REFUSED, and
    SSP_POLICY_DEVICE_UNAVAILABLE.
    """
    folder = settings.model
    device = choose_device(settings)
    dtype = choose_dtype(settings, device)
    progress(0.0, "reading the configuration")
    config = read_config(folder)
    stored = check_weight_files(folder, config)
    tokenizer = load_tokenizer(folder, config.vocab_size)
    with _reported(progress):
        model = _load_weights(folder, config, attention, device, dtype)
    _check_values(folder, model, stored)
    adapted = None if settings.full else add_adapter(model, settings)
    progress(1.0, "loaded")
    return LoadedModel(model.eval(), adapted, tokenizer, device, dtype, folder)


def _load_weights(
    folder: Path,
    config: PreTrainedConfig,
    attention: str,
    device: torch.device,
    dtype: torch.dtype,
) -> PreTrainedModel:
    config.attention_dropout = 0.0
    try:
        return AutoModelForCausalLM.from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            device_map=str(device),
            attn_implementation=attention,
            local_files_only=True,
            use_safetensors=True,
        )
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        problem = str(error).strip()
        raise PolicyError("SSP_POLICY_MODEL_UNREADABLE", path=folder, problem=problem) from error


def _check_values(folder: Path, model: PreTrainedModel, stored: Stored) -> None:
    """Refuse numbers that are none, and two tensors that should be one and are not."""
    for name, parameter in model.named_parameters():
        if not is_finite(parameter):
            problem = f"{stored.get(name, name)} holds NaN or infinite values as {parameter.dtype}"
            raise refused(folder, problem, "Fetch or save the model again; check how it was made.")
    for name, source in model.get_expanded_tied_weights_keys(all_submodels=True).items():
        if model.get_parameter(name) is not model.get_parameter(source):
            problem = (
                f"config.json says tie_word_embeddings, and {stored[name]} differs from "
                f"{stored[source]}"
            )
            advice = (
                f"Set tie_word_embeddings to false where {name} was trained apart; else remove it "
                "from the file."
            )
            raise refused(folder, problem, advice)


@contextmanager
def _reported(progress: Progress) -> Generator[None]:
    """Hand the steps of transformers' own progress bar to `progress`, and draw none."""

    def hook(_make: Callable[..., Any], arguments: tuple[Any, ...], _named: dict[str, Any]) -> Any:
        return _Reporter(arguments[0] if arguments else (), progress)

    previous = logging.set_tqdm_hook(hook)
    try:
        yield
    finally:
        logging.set_tqdm_hook(previous)


class _Reporter(logging.EmptyTqdm):
    """A progress bar that is not drawn."""

    def __init__(self, items: Any, progress: Progress) -> None:
        super().__init__(items)
        self._items = items
        self._progress = progress

    def __iter__(self) -> Iterator[Any]:
        total = max(1, len(self._items))
        for done, item in enumerate(self._items):
            self._progress(done / total, "loading weights")
            yield item
