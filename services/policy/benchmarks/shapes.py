"""Random models in the shapes of known ones, made on the device from their configuration alone."""

from pathlib import Path

import torch
from make_settings import make_settings
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config

from ssp_policy.model.adapter import add_adapter
from ssp_policy.model.loading import LoadedModel
from ssp_policy.settings import Settings

NO_FOLDER = Path()

SHAPES = {
    # Of the config.json of HuggingFaceTB/SmolLM2-135M-Instruct.
    "135M": LlamaConfig(
        vocab_size=49_152,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        tie_word_embeddings=True,
    ),
    # Of the config.json of Qwen/Qwen2.5-<name>.
    "0.5B": Qwen2Config(
        vocab_size=151_936,
        hidden_size=896,
        intermediate_size=4864,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    ),
    "1.5B": Qwen2Config(
        vocab_size=151_936,
        hidden_size=1536,
        intermediate_size=8960,
        num_hidden_layers=28,
        num_attention_heads=12,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    ),
    "7B": Qwen2Config(
        vocab_size=152_064,
        hidden_size=3584,
        intermediate_size=18_944,
        num_hidden_layers=28,
        num_attention_heads=28,
        num_key_value_heads=4,
        tie_word_embeddings=False,
    ),
    "tiny": Qwen2Config(
        vocab_size=512,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
    ),
}
for _config in SHAPES.values():
    _config.max_position_embeddings = 32_768 if _config.model_type == "qwen2" else 8192
    _config.bos_token_id = _config.eos_token_id = None


def bench_settings(device: torch.device, **changes: object) -> Settings:
    """Give the service's settings at their defaults for a GPU, without a model folder."""
    return make_settings(
        NO_FOLDER,
        dtype="bf16",
        device=device.type,
        threads=0,
        lora_rank=32,
        reference=False,
        gradient_checkpointing="on",
        micro_batch_tokens=16_384,
        logit_chunk=1024,
        max_running=256,
        prefill_tokens=4096,
        **changes,
    )


def random_model(name: str, settings: Settings) -> LoadedModel:
    """Make a model in bf16 with its usual initial weights, and an adapter if settings say so."""
    device = torch.device(settings.device)
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(
            SHAPES[name], dtype=torch.bfloat16, attn_implementation="ssp"
        )
    adapted = None if settings.full else add_adapter(model, settings)
    return LoadedModel(model.eval(), adapted, None, device, torch.bfloat16, NO_FOLDER)
