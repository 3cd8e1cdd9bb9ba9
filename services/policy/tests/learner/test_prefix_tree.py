import random

import pytest
import torch
from learner.conftest import plain_log_probs, ragged_sequences, token_weights
from learner.test_backward import autograd_of, distance, gradient_of

from ssp_policy.learner.prefix_tree import plan_trees
from ssp_policy.model.memory import MOST_TREE_NODES

PROMPT, QUERY, ONE, OTHER, ALONE = ragged_sequences(20, 9, 14, 6, 25)
GROUP = [
    [*PROMPT, *QUERY, *ONE],
    ALONE,
    [*PROMPT, *QUERY, *OTHER],
    [*PROMPT, *QUERY, *ONE],  # an episode that was sampled twice
    [*PROMPT, *QUERY],  # and one that ended where others go on
    [*PROMPT, 7, *OTHER],
    PROMPT[:1],
]


@pytest.mark.parametrize("family", ["qwen2", "qwen3", "llama"])
@pytest.mark.parametrize("changes", [{}, {"gradient_checkpointing": "on"}, {"full": False}])
def test_shared_beginnings_change_no_gradient(make_learner, family, changes):
    learner, weights = make_learner(family, micro_batch_tokens=70, **changes)
    rows = token_weights(GROUP)
    result = learner.backward(GROUP, rows, temperature=0.6)
    total, expected = autograd_of(weights, GROUP, rows, 0.6)
    assert distance(gradient_of(learner), expected) <= 1e-5
    assert result.total == pytest.approx(total, abs=1e-4)


def test_shared_beginnings_change_no_score(make_learner):
    learner, weights = make_learner()
    masks = [[place % 3 != 1 for place in range(len(tokens))] for tokens in GROUP]
    scores = learner.log_probs("policy", GROUP, entropy=True, masks=masks)
    for tokens, mask, score in zip(GROUP, masks, scores, strict=True):
        with torch.no_grad():
            plain = plain_log_probs(weights.live, tokens).tolist() if len(tokens) > 1 else []
        for place, (found, entropy) in enumerate(zip(score.logprobs, score.entropy, strict=True)):
            assert (found is None, entropy is None) == (not mask[place] or place == 0,) * 2
            if found is not None:
                assert found == pytest.approx(plain[place - 1], abs=1e-5)


def test_what_is_shared_is_fed_once(make_learner):
    learner, weights = make_learner()
    fed = []
    hook = weights.live.get_decoder().register_forward_pre_hook(
        lambda _module, _args, named: fed.append(tuple(named["input_ids"].shape)), with_kwargs=True
    )
    learner.backward(
        [GROUP[i] for i in (0, 2, 3, 4, 5)],
        [[0, *[1] * (len(GROUP[i]) - 1)] for i in (0, 2, 3, 4, 5)],
    )
    learner.backward([ALONE, ALONE], [[0, *[1] * 24]] * 2)
    hook.remove()
    # 20 + 9 of prompt and query, 13 of 14, 5 of 6, then 7 with 5 of 6: the last tokens are not fed.
    assert fed == [(1, 29 + 13 + 5 + 6), (1, 24)]


@pytest.mark.parametrize("seed", range(30))
def test_every_sequence_stands_on_a_path_of_one_tree(seed):
    chance = random.Random(seed)
    sequences = [
        [chance.randrange(2) for _ in range(chance.randrange(0, 12))]
        for _ in range(chance.randrange(0, 30))
    ]
    most = chance.randrange(1, 60)
    trees = plan_trees(sequences, most)
    placed = sorted(number for tree in trees for number in tree.paths)
    assert placed == [number for number, tokens in enumerate(sequences) if len(tokens) > 1]
    for tree in trees:
        contents = set()
        for number, path in tree.paths.items():
            assert [tree.tokens[node] for node in path] == sequences[number]
            assert [tree.parents[node] for node in path] == [-1, *path[:-1]]
            contents |= {tuple(sequences[number][:end]) for end in range(1, len(path) + 1)}
        assert len(tree.tokens) == len(contents)
        assert len(tree.paths) == 1 or len(tree.tokens) <= most
        fed = tree.fed()
        for seen, (node, place) in zip(fed.seen(), fed.places.items(), strict=True):
            way = {
                fed.places[n] for p in tree.paths.values() if node in p for n in p[: p.index(node)]
            }
            assert set(seen.nonzero()[0].tolist()) == {*way, place}
            assert fed.depths[place] == len(way)


def test_a_little_in_common_makes_no_tree_and_a_tree_is_never_too_large():
    beginning = list(range(20))
    alike = [[*beginning, *range(100, 161)], [*beginning, *range(200, 261)]]
    assert len(plan_trees(alike, 1000)) == 2
    assert len(plan_trees([tokens[:80] for tokens in alike], 1000)) == 1
    long = [[0] * MOST_TREE_NODES + [end] for end in range(3)]
    assert len(plan_trees(long, 10 * MOST_TREE_NODES)) == 3
