import gc
import weakref

import pytest
import torch

from ssp_policy.errors import PolicyError
from ssp_policy.model.out_of_memory import memory_watched


def test_a_failed_allocation_is_coded_and_says_what_to_lower():
    with (
        pytest.raises(PolicyError) as caught,
        memory_watched("scoring", "--micro-batch-tokens"),
    ):
        torch.empty(2**60, dtype=torch.uint8)
    assert caught.value.code == "SSP_POLICY_OUT_OF_MEMORY"
    assert "scoring" in caught.value.message
    assert "--micro-batch-tokens" in caught.value.remedy


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("x"), MemoryError()])
def test_other_signs_of_it(error):
    with pytest.raises(PolicyError), memory_watched("scoring", "less"):
        raise error


def test_other_errors_stay_themselves():
    with pytest.raises(RuntimeError, match="shapes"), memory_watched("scoring", "less"):
        raise RuntimeError("shapes do not match")


def test_what_the_failed_call_held_is_freed_while_the_error_lives():
    held = []

    def call():
        tensor = torch.zeros(8)
        held.append(weakref.ref(tensor))
        raise torch.OutOfMemoryError("x")

    with pytest.raises(PolicyError) as caught, memory_watched("scoring", "less"):
        call()
    gc.collect()
    assert caught.value.code == "SSP_POLICY_OUT_OF_MEMORY"
    assert held[0]() is None
