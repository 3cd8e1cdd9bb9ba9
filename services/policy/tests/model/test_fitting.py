from pathlib import Path

import pytest
import torch
from make_settings import make_settings

from benchmarks.shapes import SHAPES
from ssp_policy.model.fitting import fit_memory
from ssp_policy.model.shape import shape_of

CPU, GPU = torch.device("cpu"), torch.device("cuda")
OPEN = {
    "dtype": "auto",
    "lora_rank": 32,
    "gradient_checkpointing": "auto",
    "micro_batch_tokens": None,
    "logit_chunk": 1024,
    "max_running": 256,
    "prefill_tokens": 4096,
    "kv_cache_gb": None,
}


def chosen(name, free, *, device=CPU, **changes):
    settings = make_settings(Path("model"), **(OPEN | changes))
    place = "host" if device.type == "cpu" else "device"
    available = {"host": 200_000_000_000} | {place: int(free * 1e9)}
    fitted = fit_memory(settings, shape_of(SHAPES[name]), device, available)
    found = fitted.settings
    return fitted.plan.fits(), found.gradient_checkpointing, found.micro_batch_tokens


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", ["135M", "0.5B"])
def test_the_models_that_people_try_first_start_with_20_gb_free(name, full):
    assert chosen(name, 20, full=full)[0]


def test_with_enough_memory_activations_are_kept_in_the_largest_micro_batches():
    assert chosen("tiny", 8, full=True) == (True, "off", 16_384)
    assert chosen("0.5B", 200, full=True) == (True, "off", 16_384)


def test_short_of_memory_batches_are_smaller_and_then_activations_computed_twice():
    found = [chosen("135M", free, full=True)[1:] for free in (60, 20, 12, 7)]
    assert found == [("off", 16_384), ("off", 4096), ("off", 2048), ("on", 1024)]


def test_a_choice_leaves_a_quarter_of_main_memory_where_a_smaller_one_does():
    assert chosen("135M", 28.5, full=True) == (True, "off", 8192)
    larger = {"gradient_checkpointing": "off", "micro_batch_tokens": 16_384}
    assert chosen("135M", 28.5, full=True, **larger) == (True, "off", 16_384)


def test_what_was_told_is_kept():
    assert chosen("135M", 20, micro_batch_tokens=10_000)[1:] == ("on", 10_000)
    assert chosen("135M", 20, gradient_checkpointing="on")[1:] == ("on", 16_384)
    assert chosen("135M", 3, gradient_checkpointing="off", micro_batch_tokens=16_384) == (
        False,
        "off",
        16_384,
    )


def test_what_fits_nowhere_is_given_at_its_smallest():
    assert chosen("7B", 20, full=True) == (False, "on", 512)


def test_a_gpu_computes_activations_twice():
    assert chosen("0.5B", 140, device=GPU, full=True) == (True, "on", 16_384)
    assert chosen("7B", 47, device=GPU, full=False)[0]
