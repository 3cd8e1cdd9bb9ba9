"""The fp64 copy: the same model, without fp32 anywhere."""

import pytest
import torch
from tiny_models import FAMILIES, Family, tiny_model

from ssp_policy.model.exact import exact_copy
from ssp_policy.model.frozen import frozen_copy

_CPU = torch.device("cpu")


@pytest.mark.parametrize("family", FAMILIES)
def test_it_is_the_same_model(family: Family) -> None:
    model = tiny_model(family)
    tokens = torch.arange(20).view(1, -1) * 7
    with torch.no_grad():
        plain, exact = model(tokens).logits, exact_copy(model, _CPU)(tokens).logits
    assert exact.dtype == torch.float64
    assert (exact - plain).abs().max() < 1e-4
    assert all(not parameter.requires_grad for parameter in exact_copy(model, _CPU).parameters())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_change_of_one_part_in_1e15_stays_that_small(family: Family) -> None:
    """With fp32 on the way it either vanishes or grows to 1e-8 and more."""
    model = tiny_model(family)
    tokens = torch.arange(20).view(1, -1) * 7
    with torch.no_grad():
        exact, widest = exact_copy(model, _CPU), 0.0
        logits = exact(tokens).logits
        for _ in range(20):
            embedded = exact.get_input_embeddings()(tokens)  # pyright: ignore[reportCallIssue]
            nudged = embedded * (1 + 1e-15 * torch.randn(embedded.shape, dtype=torch.float64))
            moved = exact(inputs_embeds=nudged).logits
            widest = max(widest, float((moved - logits).abs().max()))
    assert 0 < widest < 1e-11


def test_the_norms_are_what_makes_it_exact() -> None:
    """The families' own normalisation rounds to fp32; this is why it is replaced."""
    model = tiny_model()
    tokens = torch.arange(20).view(1, -1) * 7
    with torch.no_grad():
        doubled = frozen_copy(model, device=_CPU, dtype=torch.float64)(tokens).logits
        exact = exact_copy(model, _CPU)(tokens).logits
    assert (doubled - exact).abs().max() > 1e-9
