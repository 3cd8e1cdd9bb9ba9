"""Writes bm25-scores.json: BM25 scores by another implementation, for bm25-golden.test.ts.

Needs bm25s 0.3 (PyPI). bm25s leaves out the constant factor k1 + 1 of its `lucene` method; it is
put back here. Run: python bm25_scores.py > bm25-scores.json
"""

import json
import random

import bm25s

K1, B = 1.2, 0.75
random.seed(11)
words = "river mountain harbour castle painter railway bridge island forest museum".split()
passages = [
    [random.choice(words[: random.randint(2, 10)]) for _ in range(random.randint(2, 40))]
    for _ in range(60)
]
queries = [["river"], ["museum", "forest"], ["castle", "castle", "bridge"], ["harbour", "island", "railway"]]
index = bm25s.BM25(k1=K1, b=B, method="lucene", dtype="float64")
index.index(passages, show_progress=False)
scores = [[float(score) * (K1 + 1) for score in index.get_scores(query)] for query in queries]
print(
    json.dumps(
        {
            "made_by": f"bm25s {bm25s.__version__}, method lucene times k1 + 1",
            "k1": K1,
            "b": B,
            "passages": [" ".join(passage) for passage in passages],
            "queries": [" ".join(query) for query in queries],
            "scores": scores,
        },
        indent=1,
    )
)
