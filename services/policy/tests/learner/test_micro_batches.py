import random

import pytest

from ssp_policy.learner.micro_batches import plan_micro_batches


def test_by_hand():
    # 5 and 4 make 2 x 5 = 10 padded tokens; 3, 3 and 2 make 9; a third row beside 5 would be 15.
    assert plan_micro_batches([3, 5, 2, 4, 3], 10) == [[1, 3], [0, 4, 2]]
    assert plan_micro_batches([0, 7, 0], 3) == [[1]]
    assert plan_micro_batches([], 3) == []


@pytest.mark.parametrize("seed", range(50))
def test_each_sequence_once_and_never_more_than_told(seed):
    chance = random.Random(seed)
    lengths = [chance.randrange(0, 40) for _ in range(chance.randrange(0, 60))]
    limit = chance.randrange(1, 200)
    groups = plan_micro_batches(lengths, limit)
    placed = sorted(index for group in groups for index in group)
    assert placed == [index for index, length in enumerate(lengths) if length > 0]
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[i] for i in group) <= limit
    widths = [lengths[index] for group in groups for index in group]
    assert widths == sorted(widths, reverse=True)
