"""Recall on an encyclopedia that training did not see, by hops, beside BM25."""

from __future__ import annotations

import torch
from model import PASSAGE_TOKENS, QUERY_TOKENS, embed_ids, token_ids
from worlds import World, passage_text, starts_back

DEPTHS = (3, 10)


def recall(world: World, found: list[list[int]]) -> list[dict]:
    """Per number of hops: how often the page of the first hop, and any gold page, is in the top k."""
    rows = []
    for hops in (1, 2, 3):
        row: dict = {"hops": hops}
        of_hops = [(question, top) for question, top in zip(world.questions, found) if question["hops"] == hops]
        row["questions"] = len(of_hops)
        for depth in DEPTHS:
            titles = [[world.passages[at]["title"] for at in top[:depth]] for _, top in of_hops]
            golds = [question["gold_pages"] for question, _ in of_hops]
            first = [gold[0] in top for gold, top in zip(golds, titles)]
            any_gold = [not set(gold).isdisjoint(top) for gold, top in zip(golds, titles)]
            row[f"first@{depth}"] = round(sum(first) / len(first), 4)
            row[f"any@{depth}"] = round(sum(any_gold) / len(any_gold), 4)
            back = [hit for hit, (question, _) in zip(first, of_hops) if starts_back(question)]
            row["back"] = len(back)
            row[f"backFirst@{depth}"] = round(sum(back) / max(len(back), 1), 4)
        rows.append(row)
    return rows


def search_dense(world: World, model, tokenizer) -> list[list[int]]:
    passages = token_ids(tokenizer, [passage_text(passage) for passage in world.passages], PASSAGE_TOKENS)
    queries = token_ids(tokenizer, [f"query: {question['question']}" for question in world.questions], QUERY_TOKENS)
    with torch.inference_mode():
        scores_Q_P = embed_ids(model, queries) @ embed_ids(model, passages).T
    return scores_Q_P.topk(max(DEPTHS), dim=1).indices.tolist()


def search_bm25(world: World) -> list[list[int]] | None:
    """bm25s with k1 .9, b .4, English stop words and stemmer; None where it is not installed."""
    try:
        import bm25s
        import Stemmer
    except ImportError:
        return None

    def tokens(texts: list[str]):
        return bm25s.tokenize(texts, stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False)

    index = bm25s.BM25(k1=0.9, b=0.4)
    passages = [f"{passage['title']} {passage['text']}" for passage in world.passages]
    index.index(tokens(passages), show_progress=False)
    queries = tokens([question["question"] for question in world.questions])
    found, _ = index.retrieve(queries, k=max(DEPTHS), show_progress=False)
    return found.tolist()
