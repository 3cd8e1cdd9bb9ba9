"""Adapters that PEFT itself made, as a start and in the place of a checkpoint."""

import json

import peft
import pytest
import torch
from make_settings import make_settings
from tiny_models import save_tiny_folder
from transformers import AutoModelForCausalLM

from ssp_policy.assembly import preflight
from ssp_policy.errors import PolicyError
from ssp_policy.learner.learner import Learner
from ssp_policy.learner.optimizer import AdamWSettings
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights

TOKENS = torch.tensor([[5, 70, 71, 300, 2, 9]])
KINDS = {
    "plain": {"target_modules": ["q_proj", "v_proj"]},
    "scaled by the root of its rank": {"target_modules": "all-linear", "use_rslora": True},
    "ranks of their own": {
        "target_modules": ["q_proj", "down_proj"],
        "rank_pattern": {"down_proj": 5},
        "alpha_pattern": {"q_proj": 3},
        "lora_dropout": 0.3,
    },
    "some layers": {"target_modules": ["k_proj"], "layers_to_transform": [1]},
}


@pytest.fixture
def base(tmp_path):
    return save_tiny_folder(tmp_path / "model")


def make_adapter(base, folder, **kind):
    """Let PEFT make and save an adapter with random weights; give its logits."""
    model = AutoModelForCausalLM.from_pretrained(base)
    lora = peft.LoraConfig(**({"r": 3, "lora_alpha": 7, "task_type": "CAUSAL_LM"} | kind))
    adapted = peft.get_peft_model(model, lora)
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                parameter.normal_(std=0.2)
    adapted.save_pretrained(folder)
    with torch.no_grad():
        return adapted.eval()(TOKENS).logits


def change(folder, **fields):
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def logits(loaded):
    with torch.no_grad():
        return loaded.model(TOKENS).logits


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_an_adapter_of_peft_is_a_start(base, tmp_path, kind):
    expected = make_adapter(base, tmp_path / "a", **kind)
    settings = make_settings(base, full=False, adapter=tmp_path / "a")
    loaded = load_model(settings)
    torch.testing.assert_close(logits(loaded), expected, atol=1e-5, rtol=1e-5)
    assert f"rank {5 if 'rank_pattern' in kind else 3}" in str(preflight(settings).body())
    weights = Weights(loaded, settings)
    learner = Learner(weights, settings)
    learner.backward([TOKENS[0].tolist()], [[0.0, 1, 1, 1, 1, 1]])
    learner.step(AdamWSettings(lr=0.01))
    assert not torch.allclose(logits(loaded), expected, atol=1e-3)
    with weights.for_scoring("reference") as reference, torch.no_grad():
        torch.testing.assert_close(reference(TOKENS).logits, expected, atol=1e-5, rtol=1e-5)
    saved = learner.save(tmp_path / "checkpoint").path
    again = load_model(make_settings(base, full=False, adapter=saved))
    assert torch.equal(logits(again), logits(loaded))
    plain = AutoModelForCausalLM.from_pretrained(base)
    foreign = peft.PeftModel.from_pretrained(plain, saved / "adapter").eval()
    with torch.no_grad():
        torch.testing.assert_close(foreign(TOKENS).logits, logits(loaded), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"use_dora": True}, "use_dora is true"),
        ({"modules_to_save": ["lm_head"]}, 'modules_to_save is ["lm_head"]'),
        ({"bias": "all"}, 'bias is "all"'),
        ({"trainable_token_indices": [1]}, "trainable_token_indices"),
        ({"init_lora_weights": "pissa"}, "changes the base model too"),
        ({"peft_type": "IA3"}, 'peft_type is "IA3"'),
        ({"task_type": "SEQ_CLS"}, 'task_type is "SEQ_CLS"'),
        ({"heard_of_nowhere": 3}, "heard_of_nowhere is 3"),
        ({"r": 0}, "rank is 0"),
        ({"r": 4}, "has the shape [3, 32]"),
        ({"target_modules": ["q_proj", "v_proj", "k_proj"]}, "has no base_model.model"),
        ({"target_modules": ["q_proj"]}, "which has no place"),
        ({"target_modules": ["nowhere"]}, "does not fit the model"),
        ({"target_modules": ["embed_tokens"]}, "embed_tokens; only linear layers"),
        ({"target_modules": ["lm_head"]}, "lm_head; only linear layers"),
        ({"target_modules": None}, "names no target_modules"),
    ],
)
def test_what_is_not_carried_out_is_refused_by_name(base, tmp_path, fields, said):
    make_adapter(base, tmp_path / "a", **KINDS["plain"])
    change(tmp_path / "a", **fields)
    with pytest.raises(PolicyError) as caught:
        load_model(make_settings(base, full=False, adapter=tmp_path / "a"))
    assert caught.value.code == "SSP_POLICY_ADAPTER_REFUSED"
    assert said in caught.value.message


def test_an_adapter_of_another_base_and_damaged_ones(base, tmp_path):
    folder = tmp_path / "a"
    make_adapter(base, folder, **KINDS["plain"])
    settings = make_settings(base, full=False, adapter=folder)
    with pytest.raises(PolicyError, match="merge it first"):
        preflight(make_settings(base, full=True, adapter=folder))
    other = save_tiny_folder(tmp_path / "other", "llama")
    load_model(make_settings(other, full=False, adapter=folder))  # of the same shape
    (folder / "adapter_model.safetensors").write_bytes(b"no")
    with pytest.raises(PolicyError, match="SSP_POLICY_MODEL_UNREADABLE"):
        load_model(settings)
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(PolicyError, match=r"adapter_model\.bin only"):
        load_model(settings)
    (folder / "adapter_config.json").unlink()
    with pytest.raises(PolicyError, match="SSP_POLICY_MODEL_UNREADABLE"):
        preflight(settings)


def test_load_takes_one_that_is_as_the_running_one(base, tmp_path):
    kind = {"target_modules": "all-linear", "r": 4, "lora_alpha": 8}
    expected = make_adapter(base, tmp_path / "a", **kind)
    settings = make_settings(base, full=False, lora_rank=4)
    weights = Weights(load_model(settings), settings)
    learner = Learner(weights, settings)
    learner.backward([TOKENS[0].tolist()], [[0.0, 1, 1, 1, 1, 1]])
    learner.step(AdamWSettings(lr=0.01))
    learner.check_load(tmp_path / "a")
    found = learner.load(tmp_path / "a")
    assert (learner.steps, len(found.manifest_sha256)) == (0, 64)
    torch.testing.assert_close(logits(weights.loaded), expected, atol=1e-5, rtol=1e-5)
    assert not any(t.any() for n, t in learner._optimizer.tensors().items() if "exp_avg" in n)
    learner.load(tmp_path / "a", manifest_sha256=found.manifest_sha256)
    for changes, said in (
        ({"r": 3}, "of shape"),
        ({"lora_alpha": 4}, "the scale 2.0"),
        ({"target_modules": ["q_proj"]}, "found none; start the service with --adapter"),
    ):
        make_adapter(base, tmp_path / "b", **(kind | changes))
        with pytest.raises(PolicyError, match=said) as caught:
            learner.check_load(tmp_path / "b")
        assert caught.value.code == "SSP_POLICY_CHECKPOINT_DIFFERS"
    with pytest.raises(PolicyError, match="SSP_POLICY_CHECKPOINT_DIFFERS"):
        learner.load(tmp_path / "a", manifest_sha256="0" * 64)
