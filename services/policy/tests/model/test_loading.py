import json

import pytest
import torch
from make_settings import make_settings
from tiny_models import FAMILIES, save_tiny_folder, tiny_model

from ssp_policy.errors import PolicyError
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights


@pytest.mark.parametrize("family", FAMILIES)
def test_a_folder_gives_its_own_weights_and_tokenizer(tmp_path, family):
    folder = save_tiny_folder(tmp_path / "model", family, seed=3)
    seen = []
    settings = make_settings(folder)
    loaded = load_model(settings, progress=lambda done, what: seen.append((done, what)))
    for name, parameter in tiny_model(family, seed=3).named_parameters():
        assert torch.equal(dict(loaded.model.named_parameters())[name], parameter)
    assert loaded.tokenizer.decode(loaded.tokenizer.encode("the river")) == "the river"
    assert Weights(loaded, settings).eos_token_ids == {loaded.tokenizer.eos_token_id}
    shares = [done for done, _ in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert any(0 < done < 1 for done in shares)


def test_weights_come_in_the_format_asked_for(tmp_path):
    folder = save_tiny_folder(tmp_path / "model")
    loaded = load_model(make_settings(folder, dtype="bf16"))
    assert {p.dtype for p in loaded.model.parameters()} == {torch.bfloat16}


def test_an_adapter_covers_all_linear_layers_and_comes_from_the_seed(tmp_path):
    folder = save_tiny_folder(tmp_path / "model")

    def adapter(seed):
        loaded = load_model(make_settings(folder, full=False, lora_rank=3, seed=seed, dtype="bf16"))
        return {n: p for n, p in loaded.model.named_parameters() if p.requires_grad}

    torch.manual_seed(99)
    one, same, other = adapter(1), adapter(1), adapter(2)
    assert len(one) == 2 * 7 * 2  # Two matrices for each of seven projections of two layers.
    assert {p.dtype for p in one.values()} == {torch.bfloat16}
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not any(torch.equal(one[n], other[n]) for n in one if "lora_A" in n)
    assert all(min(p.shape) == 3 for p in one.values())
    torch.manual_seed(99)
    expected = torch.rand(1)
    torch.manual_seed(99)
    adapter(1)
    assert torch.equal(torch.rand(1), expected)


def refused(folder):
    with pytest.raises(PolicyError) as caught:
        load_model(make_settings(folder))
    return caught.value.code.removeprefix("SSP_POLICY_MODEL_"), str(caught.value)


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.fixture
def folder(tmp_path):
    return save_tiny_folder(tmp_path / "model")


def test_a_truncated_file_is_named(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    code, text = refused(folder)
    assert code == "UNREADABLE"
    assert str(path) in text


@pytest.mark.parametrize("content", [b"", b"not safetensors at all", b"\xff" * 64])
def test_a_file_that_is_no_safetensors_is_named(folder, content):
    path = folder / "model.safetensors"
    path.write_bytes(content)
    code, text = refused(folder)
    assert code == "UNREADABLE"
    assert str(path) in text


def test_a_missing_shard_is_named(folder):
    (folder / "model.safetensors").unlink()
    index = {"metadata": {}, "weight_map": {"x": "model-00001-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    code, text = refused(folder)
    assert code == "UNREADABLE"
    assert "model-00001-of-00002.safetensors" in text


@pytest.mark.parametrize(
    "name", ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"]
)
def test_a_damaged_or_missing_file_is_named(folder, name):
    if name in ("config.json", "model.safetensors"):
        (folder / name).unlink()
        assert refused(folder)[0] == "UNREADABLE"
    (folder / name).write_text("{")
    code, text = refused(folder)
    assert code == "UNREADABLE"
    assert name in text


def test_old_weight_files_are_refused_with_the_remedy(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    code, text = refused(folder)
    assert code == "UNSUPPORTED"
    assert "save_pretrained" in text


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"model_type": "gpt2"}, "gpt2"),
        ({"model_type": "qwen2_moe"}, "qwen2_moe"),
        ({"quantization_config": {"quant_method": "gptq", "bits": 4}}, "quantised"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "sliding_attention"),
    ],
)
def test_other_models_are_refused(folder, changes, found):
    change_config(folder, **changes)
    code, text = refused(folder)
    assert code == "UNSUPPORTED"
    assert found in text


def test_a_folder_without_tokenizer_is_fine(folder):
    (folder / "tokenizer.json").unlink()
    assert load_model(make_settings(folder)).tokenizer is None


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_an_absent_gpu_is_said(folder):
    with pytest.raises(PolicyError) as caught:
        load_model(make_settings(folder, device="cuda"))
    assert caught.value.code == "SSP_POLICY_DEVICE_UNAVAILABLE"
