"""BM25 by bm25s over the same passages and queries, for comparison: prints one JSON document.

Usage: bm25s_peer.py REQUEST.json
Request: {"passages": [json lines files, .gz or plain], "queries": [text], "topK": n,
          "k1": x, "b": x, "titleWeight": n, "timed": how many of the queries are timed one by one,
          "words"?: {"stemmer"?: Snowball's name of the language}}
Reply:   {"version", "backend", "indexSeconds", "peakBytes", "runs": [[id]], "latenciesMs": [x], "cpuSeconds"}
Title and text joined by a newline, bm25s's English stop words, Snowball's English stemmer; with
"words" whatever stands between spaces, no stop words, the stemmer that is named.
"""

import gzip
import json
import resource
import sys
import time

import bm25s
import Stemmer

try:
    import numba  # noqa: F401

    BACKEND = "numba"
except ImportError:
    BACKEND = "numpy"


def read_passages(paths, title_weight):
    ids, texts = [], []
    for path in paths:
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf8") as lines:
            for line in lines:
                passage = json.loads(line)
                ids.append(passage["id"])
                texts.append((passage["title"] + "\n") * title_weight + passage["text"])
    return ids, texts


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        request = json.load(file)
    ids, texts = read_passages(request["passages"], request["titleWeight"])
    words = request.get("words")
    language = "english" if words is None else words.get("stemmer")
    stemmer = None if language is None else Stemmer.Stemmer(language)
    by_spaces = {"stopwords": None, "token_pattern": r"\S+"}
    division = {"stopwords": "en"} if words is None else by_spaces

    def tokenize(batch):
        return bm25s.tokenize(batch, stemmer=stemmer, show_progress=False, **division)

    started = time.perf_counter()
    index = bm25s.BM25(k1=request["k1"], b=request["b"], method="lucene", backend=BACKEND)
    tokens = tokenize(texts)
    del texts
    index.index(tokens, show_progress=False)
    index_seconds = time.perf_counter() - started
    del tokens

    def search(batch):
        found = index.retrieve(
            tokenize(batch), k=min(request["topK"], len(ids)), n_threads=1, show_progress=False
        )
        return found.documents, found.scores

    queries = request["queries"]
    documents, scores = search(queries)
    runs = [[ids[d] for d, s in zip(ds, ss) if s > 0] for ds, ss in zip(documents, scores)]
    latencies = []
    search(queries[:1])
    started_cpu = time.process_time()
    for query in queries[: request["timed"]]:
        started = time.perf_counter()
        search([query])
        latencies.append((time.perf_counter() - started) * 1000)
    json.dump(
        {
            "version": bm25s.__version__,
            "backend": BACKEND,
            "indexSeconds": index_seconds,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "runs": runs,
            "latenciesMs": latencies,
            "cpuSeconds": time.process_time() - started_cpu,
        },
        sys.stdout,
    )


main()
