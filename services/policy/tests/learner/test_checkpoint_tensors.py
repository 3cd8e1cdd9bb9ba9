"""What a checkpoint may hold: its manifest is right here, and what it says of itself may not be."""

import hashlib
import json
import shutil

import pytest
import torch
from make_settings import make_settings
from safetensors.torch import load_file, save_file
from tiny_models import tiny_model

from ssp_policy.errors import PolicyError
from ssp_policy.learner.checkpoint import read_weights
from ssp_policy.learner.learner import Learner
from ssp_policy.model.loading import load_model
from ssp_policy.model.weights import Weights

NORM = "model.layers.0.input_layernorm.weight"
PARTS = {
    "model": (NORM, {}),
    "adapter": (
        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
        {"full": False},
    ),
    "optimizer": (f"exp_avg.{NORM}", {}),
}


def seal(folder):
    """Write the manifest anew, so that only the content is at fault."""
    rows = {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps({"format": 1, "files": rows}))


def rewrite(folder, part, change):
    (path,) = (folder / part).glob("*.safetensors")
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})
    seal(folder)


def refusal(learner, folder):
    before = {name: p.clone() for name, p in learner._weights.trained.items()}
    with pytest.raises(PolicyError) as caught:
        learner.load(folder)
    after = learner._weights.trained
    assert all(torch.equal(after[name], before[name]) for name in before)
    return caught.value.code.removeprefix("SSP_POLICY_CHECKPOINT_"), caught.value.message


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fault", ["missing", "too many", "shape", "nan", "inf"])
def test_tensors_are_those_of_the_model(make_learner, tmp_path, part, fault):
    name, settings = PARTS[part]
    learner, _ = make_learner(**settings)
    folder = tmp_path / "c"
    learner.save(folder)

    def change(tensors):
        # One value in the place of all: it would be spread over the whole parameter.
        changed = {
            "missing": None,
            "too many": tensors[name],
            "shape": tensors[name].flatten()[:1].clone(),
            "nan": tensors[name] * float("nan"),
            "inf": tensors[name] + float("inf"),
        }[fault]
        if changed is None:
            del tensors[name]
        else:
            tensors["extra" if fault == "too many" else name] = changed.clone()

    rewrite(folder, part, change)
    code, text = refusal(learner, folder)
    assert code == ("DAMAGED" if fault in ("nan", "inf") else "DIFFERS")
    assert ("extra" if fault == "too many" else name) in text
    assert part in text


def test_master_weights_of_bf16_are_needed(make_learner, tmp_path):
    learner, _ = make_learner(dtype="bf16")
    learner.save(tmp_path / "c")
    rewrite(tmp_path / "c", "optimizer", lambda tensors: tensors.pop(f"master.{NORM}"))
    assert f"master.{NORM}" in refusal(learner, tmp_path / "c")[1]


def test_files_beside_the_saved_ones_are_not_read(make_learner, tmp_path):
    learner, weights = make_learner()
    folder = tmp_path / "c"
    learner.save(folder)
    expected = {name: p.clone() for name, p in weights.trained.items()}
    (path,) = (folder / "model").glob("*.safetensors")
    other = {name: tensor + 1 for name, tensor in load_file(path).items()}
    save_file(other, folder / "model" / "other.safetensors")
    (folder / "notes.txt").write_text("the best one so far")
    learner.load(folder)
    assert all(torch.equal(weights.trained[name], expected[name]) for name in expected)


def test_one_tensor_in_two_files_is_damage(make_learner, tmp_path):
    learner, _ = make_learner()
    folder = tmp_path / "c"
    learner.save(folder)
    shutil.copy(folder / "optimizer" / "00001.safetensors", folder / "optimizer" / "2.safetensors")
    seal(folder)
    code, text = refusal(learner, folder)
    assert code == "DAMAGED"
    assert "2.safetensors" in text


@pytest.mark.parametrize(
    "state", ["{}", "[]", '{"step": -1, "weights_version": 0, "trained": {}, "extra": {}}']
)
def test_a_state_of_another_form_is_damage(make_learner, tmp_path, state):
    learner, _ = make_learner()
    folder = tmp_path / "c"
    learner.save(folder)
    (folder / "state.json").write_text(state)
    seal(folder)
    code, text = refusal(learner, folder)
    assert code == "DAMAGED"
    assert "state.json" in text


def learner_of(folder, **changes):
    settings = make_settings(folder, full=False, **changes)
    weights = Weights(load_model(settings), settings)
    return Learner(weights, settings)


def test_an_adapter_is_not_put_on_another_base(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    tiny_model(vocab_size=211, seed=1).save_pretrained(one)
    tiny_model(vocab_size=211, seed=2).save_pretrained(other)
    learner_of(one).save(tmp_path / "c")
    learner_of(one).load(tmp_path / "c")
    code, text = refusal(learner_of(other), tmp_path / "c")
    assert code == "DIFFERS"
    assert "found base " in text


def test_older_checkpoints_that_do_not_say_their_base_are_read(tmp_path):
    base = tmp_path / "one"
    tiny_model(vocab_size=211).save_pretrained(base)
    learner = learner_of(base)
    learner.save(tmp_path / "c")
    path = tmp_path / "c" / "state.json"
    state = json.loads(path.read_text())
    for key in ("base", "heads", "key_heads", "rope_theta"):
        del state["trained"][key]
    path.write_text(json.dumps(state))
    seal(tmp_path / "c")
    learner.load(tmp_path / "c")
    assert read_weights(tmp_path / "c", learner._weights.loaded)


def test_other_heads_over_the_same_tensors_are_told(tmp_path):
    folders = [tmp_path / "four", tmp_path / "eight"]
    for folder, heads in zip(folders, (4, 8), strict=True):
        model = tiny_model("llama", vocab_size=211, heads=heads, kv_heads=heads)
        model.save_pretrained(folder)
    learner_of(folders[0]).save(tmp_path / "c")
    assert "found heads 4" in refusal(learner_of(folders[1]), tmp_path / "c")[1]


def test_weights_that_are_no_numbers_are_not_saved(make_learner, tmp_path):
    learner, weights = make_learner()
    with torch.no_grad():
        weights.trained[NORM][0] = float("inf")
    with pytest.raises(PolicyError, match="SSP_POLICY_WEIGHTS_NOT_FINITE"):
        learner.save(tmp_path / "c")
    assert not (tmp_path / "c").exists()
