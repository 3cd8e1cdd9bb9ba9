import json
import shutil

import pytest
import torch
from make_settings import make_settings
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from tiny_models import save_tiny_folder, tiny_model
from transformers import AutoModelForCausalLM

from ssp_policy.errors import PolicyError
from ssp_policy.model.loading import load_model

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
NORM = "model.layers.0.input_layernorm.weight"


@pytest.fixture
def folder(tmp_path):
    return save_tiny_folder(tmp_path / "model")


@pytest.fixture
def sharded(tmp_path):
    folder = tmp_path / "model"
    tiny_model().save_pretrained(folder, max_shard_size="40KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    return folder


def refused(folder, **settings):
    """Give the text of the refusal; it names the folder and says what to do."""
    with pytest.raises(PolicyError) as caught:
        load_model(make_settings(folder, **settings))
    assert caught.value.code == "SSP_POLICY_WEIGHTS_REFUSED"
    assert str(folder) in caught.value.message
    assert len(caught.value.remedy) > 30
    return f"{caught.value.message} {caught.value.remedy}"


def rewrite(path, change):
    """Write a file of tensors anew, as `change` leaves them."""
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def merged_folder(base, folder):
    """Merge an adapter into a model and leave the adapter's files there, as users do."""
    adapted = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base),
        LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False),
    )
    adapted.save_pretrained(folder)
    adapted.merge_and_unload().save_pretrained(folder)
    return folder


@pytest.mark.parametrize("full", [True, False])
def test_an_adapter_in_the_folder_is_not_put_on_twice(tmp_path, folder, full):
    merged = merged_folder(folder, tmp_path / "merged")
    assert "adapter_config.json" in refused(merged, full=full)
    (merged / "adapter_config.json").unlink()
    assert "adapter_model.safetensors" in refused(merged, full=full)
    (merged / "adapter_model.safetensors").unlink()
    assert load_model(make_settings(merged, full=full)).model is not None


def test_an_adapter_alone_is_no_model(tmp_path, folder):
    merged = merged_folder(folder, tmp_path / "merged")
    (merged / "config.json").unlink()
    assert "`ssp model merge`" in refused(merged)


@pytest.mark.parametrize(
    "name",
    [
        "model.layers.0.self_attn.q_proj.bias",
        "model.layers.2.input_layernorm.weight",
        "model.layers.0.extra_norm.weight",
        "score.weight",
    ],
)
def test_a_tensor_too_many_is_named(folder, name):
    rewrite(folder / "model.safetensors", lambda t: t.update({name: torch.zeros(32)}))
    text = refused(folder)
    assert f"{name} (in model.safetensors)" in text
    assert "config.json" in text


def test_a_layer_too_many_is_named(folder):
    change_config(folder, num_hidden_layers=1, layer_types=["full_attention"])
    assert "model.layers.1." in refused(folder)
    assert "10 more" in refused(folder)


@pytest.mark.parametrize("name", [NORM, EMBEDDING])
def test_a_missing_tensor_is_named(folder, name):
    rewrite(folder / "model.safetensors", lambda t: t.pop(name))
    assert f"has no {name}" in refused(folder)


def test_a_missing_head_is_named_where_it_is_not_tied(folder):
    change_config(folder, tie_word_embeddings=False)
    assert f"has no {HEAD}" in refused(folder)


def test_another_shape_is_told_with_both(folder):
    rewrite(folder / "model.safetensors", lambda t: t.update({NORM: torch.ones(16)}))
    text = refused(folder)
    assert f"{NORM} (in model.safetensors)" in text
    assert "[16]" in text
    assert "[32]" in text


@pytest.mark.parametrize("dtype", [torch.int8, torch.float8_e4m3fn])
def test_whole_numbers_and_eight_bits_are_no_weights(folder, dtype):
    rewrite(folder / "model.safetensors", lambda t: t.update({NORM: torch.ones(32).to(dtype)}))
    assert NORM in refused(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers_are_named(folder, value):
    rewrite(folder / "model.safetensors", lambda t: t[NORM].__setitem__(3, value))
    assert f"{NORM} (in model.safetensors)" in refused(folder)


def test_a_value_too_large_for_the_format_is_named(folder):
    rewrite(folder / "model.safetensors", lambda t: t[NORM].__setitem__(3, 3.4e38))
    load_model(make_settings(folder))
    assert "torch.bfloat16" in refused(folder, dtype="bf16")


def test_tied_weights_that_differ_are_refused(folder):
    path = folder / "model.safetensors"
    rewrite(path, lambda t: t.update({HEAD: t[EMBEDDING].clone()}))
    model = load_model(make_settings(folder)).model
    assert model.get_input_embeddings().weight is model.get_output_embeddings().weight
    rewrite(path, lambda t: t[HEAD].add_(0.5))
    text = refused(folder)
    assert HEAD in text
    assert EMBEDDING in text
    assert "tie_word_embeddings" in text


def test_what_means_the_same_is_taken(folder):
    """A head for the embedding that it is tied to, names of the bare model, old frequencies."""

    def bare(tensors):
        for name in list(tensors):
            tensors[name.removeprefix("model.")] = tensors.pop(name)
        tensors[HEAD] = tensors.pop("embed_tokens.weight")
        tensors["layers.0.self_attn.rotary_emb.inv_freq"] = torch.ones(4)

    expected = dict(load_model(make_settings(folder)).model.named_parameters())
    rewrite(folder / "model.safetensors", bare)
    found = dict(load_model(make_settings(folder)).model.named_parameters())
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)


def test_one_tensor_by_two_names_is_refused(folder):
    bare = NORM.removeprefix("model.")
    rewrite(folder / "model.safetensors", lambda t: t.update({bare: t[NORM].clone()}))
    assert NORM in refused(folder)


def test_shards_load_as_the_whole_does(sharded):
    found = load_model(make_settings(sharded)).model
    expected = dict(tiny_model().named_parameters())
    assert all(torch.equal(p, expected[name]) for name, p in found.named_parameters())


def test_a_whole_file_beside_shards_is_refused(sharded):
    index = sharded / "model.safetensors.index.json"
    tiny_model(seed=5).save_pretrained(sharded.parent / "other")
    shutil.copy(sharded.parent / "other" / "model.safetensors", sharded)
    text = refused(sharded)
    assert "model.safetensors" in text
    assert index.name in text
    index.unlink()
    assert "model-00001-of-" in refused(sharded)
    (sharded / "model.safetensors").unlink()
    assert index.name in refused(sharded)


def test_shards_of_two_savings_are_refused(sharded):
    shutil.copy(next(sharded.glob("model-00001-*")), sharded / "model-00001-of-00099.safetensors")
    assert "model-00001-of-00099.safetensors" in refused(sharded)


def test_a_tensor_in_two_shards_is_refused(sharded):
    first, second = sorted(sharded.glob("model-*.safetensors"))[:2]
    name = next(iter(load_file(first)))
    rewrite(second, lambda t: t.update({name: torch.zeros_like(load_file(first)[name])}))
    text = refused(sharded)
    assert f"{name} (in {second.name})" in text


def change_index(folder, change):
    path = folder / "model.safetensors.index.json"
    index = json.loads(path.read_text())
    change(index["weight_map"])
    path.write_text(json.dumps(index))


def test_an_index_that_is_wrong_about_its_shards_is_refused(sharded):
    change_index(sharded, lambda listed: listed.update({NORM: listed[EMBEDDING]}))
    assert NORM in refused(sharded)
    change_index(sharded, lambda listed: listed.pop(NORM))
    assert f"does not name {NORM}" in refused(sharded)


@pytest.mark.parametrize("shard", ["../other.safetensors", 7, None])
def test_an_index_names_files_of_its_folder(sharded, shard):
    change_index(sharded, lambda listed: listed.update({NORM: shard}))
    assert NORM in refused(sharded)
