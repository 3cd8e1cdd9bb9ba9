from pathlib import Path

import pytest
import torch
from make_settings import make_settings
from tiny_models import tiny_model

from benchmarks.shapes import SHAPES
from ssp_policy.errors import PolicyError
from ssp_policy.model.adapter import add_adapter
from ssp_policy.model.facts import describe
from ssp_policy.model.machine import free_memory
from ssp_policy.model.memory import activation_bytes_per_token, plan_memory
from ssp_policy.model.shape import shape_of

GPU, CPU = torch.device("cuda"), torch.device("cpu")
# As `ssp policy` starts it.
DEFAULTS = {
    "dtype": "auto",
    "gradient_checkpointing": "auto",
    "micro_batch_tokens": 16_384,
    "logit_chunk": 1024,
    "max_running": 256,
    "prefill_tokens": 4096,
    "kv_cache_gb": None,
}
GPU_141 = {"device": 149_000_000_000, "host": 120_000_000_000}
GPU_24 = {"device": 24_900_000_000, "host": 60_000_000_000}
GPU_48 = {"device": 47_500_000_000, "host": 60_000_000_000}


@pytest.fixture(scope="module")
def qwen_7b():
    """The published configuration of Qwen2.5-7B-Instruct."""
    return shape_of(SHAPES["7B"])


def plan(shape, device, available, **changes):
    settings = make_settings(Path("model"), **(DEFAULTS | changes))
    return plan_memory(settings, shape, device, available)


def sizes(found):
    return {part.name: (part.place, part.size) for part in found.parts}


def test_the_shape_is_the_published_one(qwen_7b):
    # The model card: 7.61 B parameters, 6.53 B without embeddings; 56 KiB of keys and values.
    assert qwen_7b.parameters == 7_615_616_512
    assert qwen_7b.linear_parameters == pytest.approx(6.53e9 + 152_064 * 3584, rel=1e-3)
    assert qwen_7b.kv_bytes_per_token(2) == 56 * 1024


def test_full_training_of_7b_fits_a_141_gb_gpu_with_the_optimizer_on_the_cpu(qwen_7b):
    found = plan(qwen_7b, GPU, GPU_141, full=True, optimizer_device="cpu")
    found.check()
    number = qwen_7b.parameters
    assert sizes(found)["weights"] == ("device", 2 * number)
    assert sizes(found)["gradients"] == ("device", 8 * number)
    assert sizes(found)["moments"] == ("host", 8 * number)
    assert sizes(found)["master weights"] == ("host", 4 * number)
    assert sizes(found)["reference"] == ("device", 2 * number)
    assert found.kv_cache_bytes > 80e9, "while sampling the gradients' 61 GB are free for it"
    with pytest.raises(PolicyError) as caught:
        plan(qwen_7b, GPU, GPU_141, full=True).check()
    assert caught.value.code == "SSP_POLICY_DOES_NOT_FIT"
    assert "moments 60.92 GB" in str(caught.value)
    assert "--optimizer-device cpu" in caught.value.remedy


def test_the_host_must_hold_what_is_put_there(qwen_7b):
    small = GPU_141 | {"host": 64_000_000_000}
    with pytest.raises(PolicyError, match=r"this machine, which has 64\.00 GB"):
        plan(qwen_7b, GPU, small, full=True, optimizer_device="cpu").check()


def test_an_adapter_of_7b_fits_48_gb_and_with_small_batches_24_gb(qwen_7b):
    plan(qwen_7b, GPU, GPU_48, full=False, lora_rank=32).check()
    assert not plan(qwen_7b, GPU, GPU_24, full=False, lora_rank=32).fits()
    small = {"micro_batch_tokens": 2048, "logit_chunk": 512, "max_running": 64}
    plan(qwen_7b, GPU, GPU_24, full=False, lora_rank=32, **small).check()


def test_a_small_model_fits_the_cpu():
    shape = shape_of(tiny_model("qwen3", hidden_size=128, layers=4).config)
    found = plan(shape, CPU, {"host": 8_000_000_000}, full=True, micro_batch_tokens=8192)
    found.check()
    # fp32 weights are their own masters.
    assert "master weights" not in sizes(found)
    assert all(part.place == "host" for part in found.parts)
    assert "1.00 GB" not in found.table()
    assert found.body()["fits"] is True


def test_settings_move_the_numbers(qwen_7b):
    base = plan(qwen_7b, GPU, GPU_141, full=True, optimizer_device="cpu")
    assert "reference" not in sizes(
        plan(qwen_7b, GPU, GPU_141, full=True, optimizer_device="cpu", reference=False)
    )
    elsewhere = plan(
        qwen_7b, GPU, GPU_141, full=True, optimizer_device="cpu", snapshot_device="cpu"
    )
    assert sizes(elsewhere)["reference"][0] == "host"
    assert sizes(elsewhere)["visiting snapshot"][0] == "device"
    for change in (
        {"micro_batch_tokens": 32_768},
        {"logit_chunk": 4096},
        {"gradient_checkpointing": "off"},
    ):
        more = plan(qwen_7b, GPU, GPU_141, full=True, optimizer_device="cpu", **change)
        assert sizes(more)["a backward pass"] > sizes(base)["a backward pass"]
    told = plan(qwen_7b, GPU, GPU_141, full=True, optimizer_device="cpu", kv_cache_gb=2.5)
    assert told.kv_cache_bytes == 2_500_000_000
    exact = plan(qwen_7b, GPU, GPU_141, full=False, exact_sampling=True)
    assert sizes(exact)["exact sampling"][1] > 8 * qwen_7b.parameters


def test_training_and_sampling_take_turns(qwen_7b):
    settings = {"full": True, "optimizer_device": "cpu", "kv_cache_gb": 60.0}
    found = plan(qwen_7b, GPU, GPU_141, **settings)
    turns = {"always": 0, "training": 0, "sampling": 0}
    for part in found.parts:
        turns[part.turn] += part.size if part.place == "device" else 0
    assert turns["sampling"] > 60e9
    assert turns["training"] > 8 * qwen_7b.parameters
    assert found.needed("device") == turns["always"] + max(turns["training"], turns["sampling"])
    assert sum(turns.values()) > GPU_141["device"] > found.needed("device"), "not both at once"
    with pytest.raises(PolicyError) as caught:
        plan(qwen_7b, GPU, GPU_48, **settings).check()
    assert "keys and values" not in str(caught.value), "only what is there at the worst moment"
    assert "gradients 60.92 GB" in str(caught.value)


def test_the_cache_takes_what_is_left_but_no_more_than_it_can_use(qwen_7b):
    found = plan(qwen_7b, GPU, GPU_141, full=False)
    assert found.needed("device") <= GPU_141["device"]
    most = 57_344 * 100 * 4
    short = plan(qwen_7b, GPU, GPU_141, full=False, max_running=4, max_sequence_tokens=100)
    assert short.kv_cache_bytes == most


def kept_by_autograd(family, dtype, *, adapter, layers, tokens=128):
    """Bytes of one token that a forward pass keeps for its backward pass."""
    model = tiny_model(
        family, vocab_size=64, hidden_size=128, layers=layers, heads=8, kv_heads=2, dtype=dtype
    )
    if adapter:
        add_adapter(model, make_settings(Path("model"), full=False, lora_rank=2))
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model.get_decoder()(input_ids=torch.zeros(1, tokens, dtype=torch.long), use_cache=False)
    return sum(storage.nbytes() for storage in kept.values()) / tokens, model.config


@pytest.mark.parametrize("family", ["qwen2", "qwen3", "llama"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("adapter", [False, True])
def test_activations_are_those_that_autograd_keeps(family, dtype, adapter):
    two, _ = kept_by_autograd(family, dtype, adapter=adapter, layers=2)
    four, config = kept_by_autograd(family, dtype, adapter=adapter, layers=4)
    found = activation_bytes_per_token(
        shape_of(config), dtype.itemsize, adapter_rank=2 if adapter else 0
    )
    assert 0.85 < found / ((four - two) / 2) < 1.3


@pytest.mark.parametrize("full", [True, False])
def test_facts(make_weights, full):
    weights = make_weights(full=full)
    settings = make_settings(Path("model"), full=full, lora_rank=4)
    facts = describe(weights, shape_of(weights.config), settings)
    count = sum(p.numel() for n, p in weights.live.named_parameters() if "lora_" not in n)
    assert facts["architecture"] == "Qwen3ForCausalLM"
    assert facts["parameters"] == count
    assert facts["trainable"] == sum(p.numel() for p in weights.trained.values())
    assert (facts["trainable"] == count) == full
    assert facts["mode"] == ("full" if full else "lora")
    assert facts["dtype"] == "float32"
    assert facts["tied_embeddings"] is True
    assert facts["models"] == ["policy", "reference"]
    assert 0 < facts["memory"]["now_bytes"] <= facts["memory"]["peak_bytes"]
    # 2 layers x (q, o: 32 x 32; k, v: 32 x 16; three of 32 x 64) and the head, 211 x 32.
    assert facts["flops_per_token"] == 6 * (2 * (2 * 1024 + 2 * 512 + 3 * 2048) + 211 * 32)
    assert facts["flops_per_token_and_context"] == 12 * 2 * 32


def test_adapter_parameters_are_counted(make_weights):
    weights = make_weights(full=False)
    per_rank = shape_of(weights.config).adapter_parameters_per_rank
    assert sum(p.numel() for p in weights.trained.values()) == 4 * per_rank


def test_this_machine_has_memory():
    free = free_memory(CPU)
    assert set(free) == {"host"}
    assert free["host"] > 100_000_000
