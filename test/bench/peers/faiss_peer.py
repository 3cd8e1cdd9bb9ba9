"""Writes the vectors of a file as a flat FAISS index, and searches it exactly.

Arguments: vectors (fp32, row by row), dimension, queries (the same), index to write. Prints the ten best rows
of each query and what FAISS took.
"""

import json
import sys
import time

import faiss
import numpy as np

vectors_file, dimension, queries_file, index_file = sys.argv[1:]
vectors = np.fromfile(vectors_file, dtype="float32").reshape(-1, int(dimension))
queries = np.fromfile(queries_file, dtype="float32").reshape(-1, int(dimension))
index = faiss.IndexFlatIP(int(dimension))
index.add(vectors)
faiss.write_index(index, index_file)
started = time.perf_counter()
scores, rows = index.search(queries, 10)
reply = {
    "version": faiss.__version__,
    "rows": rows.tolist(),
    "scores": scores.tolist(),
    "searchSeconds": time.perf_counter() - started,
}
print(json.dumps(reply))
