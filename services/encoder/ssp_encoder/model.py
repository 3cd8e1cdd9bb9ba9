"""A BERT-like encoder in PyTorch: token ids to pooled vectors.

N texts, T tokens of the longest, D numbers of a vector.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel

from ssp_encoder.settings import Settings
from ssp_policy.errors import PolicyError
from ssp_policy.model.device import choose_device
from ssp_policy.model.out_of_memory import memory_watched

_MODEL_TYPES = ("bert", "roberta", "xlm-roberta", "camembert")
_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


class EncoderModel:
    """The weights on their device, with the tokenizer."""

    def __init__(self, model: Any, tokenizer: Tokenizer, pad_id: int, settings: Settings) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._pad_id = pad_id
        self._settings = settings
        self.dimension: int = model.config.hidden_size

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Give the ids of each text, special ones included, at most `max_tokens`."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def embed(self, ids_N: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Give the vectors [N, D] of one text or more; that of a text without tokens is zero.

        A vector does not depend on the texts beside it. Raises SSP_POLICY_OUT_OF_MEMORY.
        """
        with memory_watched("a batch of texts", "--batch-tokens"), torch.inference_mode():
            ids_N_T, mask_N_T = self._padded(ids_N)
            hidden_N_T_D = self._model(input_ids=ids_N_T, attention_mask=mask_N_T).last_hidden_state
            vectors_N_D = pool(hidden_N_T_D.float(), mask_N_T, self._settings.pooling)
            if self._settings.normalize:
                vectors_N_D = torch.nn.functional.normalize(vectors_N_D, dim=1)
            return vectors_N_D.cpu().numpy()

    def _padded(self, ids_N: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        longest = max(1, *map(len, ids_N))
        ids_N_T = np.full((len(ids_N), longest), self._pad_id, np.int64)
        mask_N_T = np.zeros((len(ids_N), longest), np.int64)
        for row, ids in enumerate(ids_N):
            ids_N_T[row, : len(ids)] = ids
            mask_N_T[row, : len(ids)] = 1
        device = self._model.device
        return torch.from_numpy(ids_N_T).to(device), torch.from_numpy(mask_N_T).to(device)


def pool(hidden_N_T_D: torch.Tensor, mask_N_T: torch.Tensor, pooling: str) -> torch.Tensor:
    """Give the first token's vector (`cls`), or the mean over the tokens that the mask keeps."""
    if pooling == "cls":
        return hidden_N_T_D[:, 0]
    mask_N_T_1 = mask_N_T.unsqueeze(-1).to(hidden_N_T_D.dtype)
    return (hidden_N_T_D * mask_N_T_1).sum(1) / mask_N_T_1.sum(1).clamp(min=1)


def load_model(settings: Settings) -> EncoderModel:
    """Load folder and tokenizer; raises SSP_ENCODER_SERVER_MODEL, SSP_POLICY_DEVICE_UNAVAILABLE."""
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    device = choose_device(settings)
    dtype = settings.dtype
    if dtype == "auto":
        dtype = "fp32" if device.type == "cpu" else "fp16"
    folder = settings.model
    try:
        model = _load_weights(folder, _DTYPES[dtype])
        tokenizer = _load_tokenizer(folder, settings.max_tokens)
    except PolicyError:
        raise
    except Exception as error:
        # What transformers says of a damaged folder is for the user.
        raise _unusable(folder, f"{type(error).__name__}: {error}".splitlines()[0]) from error
    with memory_watched("loading the weights", "the size of the model"):
        model = model.to(device).eval()
    return EncoderModel(model, tokenizer, _pad_id(model.config), settings)


def _load_weights(folder: Path, dtype: torch.dtype) -> Any:
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    if config.model_type not in _MODEL_TYPES:
        raise _unusable(folder, f"{config.model_type} is none of {', '.join(_MODEL_TYPES)}")
    model, report = AutoModel.from_pretrained(
        folder,
        dtype=dtype,
        add_pooling_layer=False,
        output_loading_info=True,
        local_files_only=True,
    )
    if report["missing_keys"]:
        lacking = ", ".join(sorted(report["missing_keys"])[:3])
        raise _unusable(folder, f"its weights lack {lacking}")
    return model


def _load_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """Read tokenizer.json, by whose rules an index goes too."""
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise _unusable(folder, "it has no tokenizer.json")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _pad_id(config: Any) -> int:
    return 0 if config.pad_token_id is None else config.pad_token_id


def _unusable(folder: Path, problem: str) -> PolicyError:
    return PolicyError("SSP_ENCODER_SERVER_MODEL", path=folder, problem=problem)
