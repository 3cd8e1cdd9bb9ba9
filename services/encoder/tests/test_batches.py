from ssp_encoder.batches import batches_by_length


def test_every_text_is_in_one_batch_of_the_budget():
    lengths = [7, 300, 1, 64, 64, 63, 2, 120, 1, 5]
    batches = batches_by_length(lengths, 128)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[i] for i in batch)
        assert len(batch) == 1 or longest * len(batch) <= 128
    assert batches[0] == [1], "a text above the budget is alone"
    assert batches[2] == [3, 4], "two of 64 fill 128 exactly"


def test_no_texts_give_no_batches():
    assert batches_by_length([], 10) == []
