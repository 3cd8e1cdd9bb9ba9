import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import peft
import pytest
import torch
from learner.conftest import ragged_sequences, token_weights
from safetensors.torch import load_file
from tiny_models import save_tiny_folder
from transformers import AutoModelForCausalLM, AutoTokenizer

from ssp_policy.errors import PolicyError
from ssp_policy.learner.durable_folder import verify_folder, write_folder
from ssp_policy.learner.optimizer import AdamWSettings

HERE = Path(__file__).parent
SEQUENCES = ragged_sequences(9, 14, 5)
WEIGHTS = token_weights(SEQUENCES)
TOKENS = torch.tensor(SEQUENCES[:1])


def in_new_process(*arguments):
    environment = os.environ | {"PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE.parent.parent}"}
    command = [sys.executable, str(HERE / "resume.py"), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def train(learner, steps=2):
    for _ in range(steps):
        learner.backward(SEQUENCES, WEIGHTS)
        learner.step(AdamWSettings(lr=0.01))


def bits(weights):
    return {name: p.detach().clone() for name, p in weights.trained.items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


@pytest.mark.parametrize("mode", ["full", "lora", "full-bf16"])
def test_twenty_steps_and_ten_resumed_give_equal_bits(tmp_path, mode):
    model = save_tiny_folder(tmp_path / "model")
    whole, resumed, checkpoint = tmp_path / "whole", tmp_path / "resumed", tmp_path / "c"
    in_new_process(model, mode, checkpoint, whole, 1, 20)  # Saves after step 10.
    in_new_process(model, mode, checkpoint, resumed, 11, 20)
    assert same(load_file(whole), load_file(resumed))


def test_the_model_folder_loads_in_plain_transformers(make_learner, tmp_path):
    learner, weights = make_learner()
    train(learner)
    saved = learner.save(tmp_path / "c")
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "c" / "model")
    with torch.no_grad():
        assert torch.equal(plain(TOKENS).logits, weights.live(TOKENS).logits)
    paths = [path for path in (tmp_path / "c").rglob("*") if path.is_file()]
    assert (saved.files, saved.size) == (len(paths), sum(p.stat().st_size for p in paths))


def test_the_adapter_loads_in_plain_peft_and_merged_in_plain_transformers(make_learner, tmp_path):
    learner, weights = make_learner(full=False)
    train(learner, 5)
    learner.save(tmp_path / "c", merged=True)
    base = AutoModelForCausalLM.from_pretrained(weights.loaded.folder)
    adapted = peft.PeftModel.from_pretrained(base, tmp_path / "c" / "adapter")
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "c" / "merged")
    with torch.no_grad():
        with adapted.disable_adapter():
            untrained = adapted(TOKENS).logits
        expected = weights.live(TOKENS).logits
        assert not torch.allclose(untrained, expected, atol=0.01)
        assert torch.equal(adapted(TOKENS).logits, expected)
        torch.testing.assert_close(merged(TOKENS).logits, expected, rtol=0, atol=1e-4)
    assert not (tmp_path / "c" / "model").exists()


def test_the_tokenizer_goes_with_the_model(make_learner, tmp_path):
    folder = save_tiny_folder(tmp_path / "qwen3-True", vocab_size=300)
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "tool_use.jinja").write_text("tools")
    learner, _ = make_learner()
    learner.save(tmp_path / "c")
    old, new = (AutoTokenizer.from_pretrained(f) for f in (folder, tmp_path / "c" / "model"))
    chat = [{"role": "user", "content": "the river"}]
    assert new.apply_chat_template(chat) == old.apply_chat_template(chat)
    assert new.apply_chat_template(chat, tools=[{}], tokenize=False) == "tools"


@pytest.mark.parametrize("full", [True, False])
def test_load_goes_back_and_the_reference_stays(make_learner, tmp_path, full):
    learner, weights = make_learner(full=full)
    train(learner)
    reference = learner.log_probs("reference", SEQUENCES)
    learner.save(tmp_path / "c", extra_state={"keys": {"a": [1, None]}})
    at_save = bits(weights)
    train(learner)
    later = bits(weights)
    version = weights.version("policy")
    assert learner.load(tmp_path / "c").extra_state == {"keys": {"a": [1, None]}}
    assert same(bits(weights), at_save)
    assert weights.version("policy") != version
    train(learner)
    assert same(bits(weights), later)
    assert learner.log_probs("reference", SEQUENCES) == reference
    learner.load(tmp_path / "c")  # Training in place has not written into the files.
    assert same(bits(weights), at_save)


def files_of(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("full", [True, False])
def test_any_damage_is_found_and_harms_nothing(make_learner, tmp_path, full):
    learner, weights = make_learner(full=full)
    train(learner)
    folder = tmp_path / "c"
    learner.save(folder)
    train(learner)
    before, moments = bits(weights), learner._optimizer.tensors()
    moments = {name: tensor.clone() for name, tensor in moments.items()}
    names = files_of(folder)
    assert {"state.json", "manifest.json", "optimizer/00001.safetensors"} < set(names)
    for name in names:
        path = folder / name
        content = path.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        for damage in (flipped, content[:-1], None):
            path.unlink() if damage is None else path.write_bytes(damage)
            with pytest.raises(PolicyError) as caught:
                learner.load(folder)
            assert caught.value.code == "SSP_POLICY_CHECKPOINT_DAMAGED"
            path.write_bytes(content)
    assert same(bits(weights), before)
    assert same(learner._optimizer.tensors(), moments)
    learner.load(folder)


def test_a_checkpoint_of_another_kind_is_refused(make_learner, tmp_path):
    learner, _ = make_learner()
    learner.save(tmp_path / "c")
    for changes, key in (
        ({"full": False}, "mode"),
        ({"dtype": "bf16"}, "dtype"),
        ({"family": "llama"}, "family"),
        ({"tied": False}, "tensors"),
    ):
        other, weights = make_learner(**changes)
        before = bits(weights)
        with pytest.raises(PolicyError, match=f"CHECKPOINT_DIFFERS.*: {key} .*found {key} "):
            other.load(tmp_path / "c")
        assert same(bits(weights), before)


def test_ranks_differ(make_learner, tmp_path):
    make_learner(full=False, lora_rank=2)[0].save(tmp_path / "c")
    with pytest.raises(PolicyError, match=r"CHECKPOINT_DIFFERS.*parameters"):
        make_learner(full=False, lora_rank=3)[0].load(tmp_path / "c")


def test_names_and_pending_gradients(make_learner, tmp_path):
    learner, weights = make_learner()
    folder = tmp_path / "checkpoints" / "c"
    with pytest.raises(PolicyError, match="SSP_POLICY_CHECKPOINT_UNKNOWN"):
        learner.load(folder)
    learner.save(folder)
    with pytest.raises(PolicyError, match="SSP_POLICY_CHECKPOINT_EXISTS"):
        learner.save(folder)
    train(learner)
    learner.save(folder, overwrite=True)
    trained = bits(weights)
    learner.backward(SEQUENCES, WEIGHTS)
    for verb in (learner.save, learner.load):
        with pytest.raises(PolicyError, match="SSP_POLICY_GRADIENT_PENDING"):
            verb(folder)
    learner.zero()
    learner.load(folder)
    assert same(bits(weights), trained)
    assert [path.name for path in folder.parent.iterdir()] == ["c"]


KILLED = """
import os, signal, sys
from pathlib import Path
from ssp_policy.learner import durable_folder

moment = sys.argv[2]
def die():
    os.kill(os.getpid(), signal.SIGKILL)

def fill(folder):
    (folder / "data").write_text("new")
    if moment == "filling":
        die()

rename = Path.rename
renames = []
def counted(self, target):
    if moment == f"rename {len(renames)}":
        die()
    renames.append(target)
    return rename(self, target)

Path.rename = counted
force = durable_folder._force
def dying(path):
    if moment == "forcing":
        die()
    force(path)
durable_folder._force = dying
durable_folder.shutil.rmtree = (
    lambda path, **_: die() if moment == "clearing" and "replaced" in str(path) else None
)
durable_folder.write_folder(Path(sys.argv[1]), fill, overwrite=True)
"""


@pytest.mark.parametrize("moment", ["filling", "forcing", "rename 0", "rename 1", "clearing"])
def test_killed_while_saving_leaves_the_old_or_the_new_whole(tmp_path, moment):
    folder = tmp_path / "c"
    write_folder(folder, lambda empty: (empty / "data").write_text("old"), overwrite=False)
    environment = os.environ | {"PYTHONPATH": str(HERE.parent.parent)}
    command = [sys.executable, "-c", KILLED, str(folder), moment]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    verify_folder(folder)
    assert (folder / "data").read_text() == ("new" if moment == "clearing" else "old")
    write_folder(folder, lambda empty: (empty / "data").write_text("newer"), overwrite=True)
    verify_folder(folder)
    assert (folder / "data").read_text() == "newer"
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_a_save_that_fails_leaves_nothing(tmp_path):
    def fill(empty):
        (empty / "data").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(PolicyError, match=r"SSP_POLICY_SAVE_FAILED.*No space left"):
        write_folder(tmp_path / "c", fill, overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_of_another_format_is_told(tmp_path):
    folder = tmp_path / "c"
    write_folder(folder, lambda empty: (empty / "data").write_text("x"), overwrite=False)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 2}))
    with pytest.raises(
        PolicyError, match=r"SSP_POLICY_CHECKPOINT_DIFFERS.*format 1; found format 2"
    ):
        verify_folder(folder)
