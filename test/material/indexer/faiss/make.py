"""Makes the FAISS files beside it: `uv run --with faiss-cpu==1.15.1 --with numpy make.py`.

Twenty unit vectors of 8 dimensions, as `vectors.f32` has them, in indexes of several kinds.
"""

from pathlib import Path

import faiss
import numpy as np

folder = Path(__file__).parent
rows, dimension = 20, 8
vectors = np.random.default_rng(7).standard_normal((rows, dimension)).astype("float32")
faiss.normalize_L2(vectors)
vectors.tofile(folder / "vectors.f32")


def write(name: str, index: "faiss.Index") -> None:
    index.train(vectors)
    if not isinstance(index, (faiss.IndexIDMap, faiss.IndexIDMap2)):
        index.add(vectors)
    faiss.write_index(index, str(folder / f"{name}.index"))


half = faiss.ScalarQuantizer.QT_fp16
inner = faiss.METRIC_INNER_PRODUCT
write("flat-ip", faiss.IndexFlatIP(dimension))
write("flat-l2", faiss.IndexFlatL2(dimension))
write("flat-l1", faiss.IndexFlat(dimension, faiss.METRIC_L1))
write("fp16-ip", faiss.IndexScalarQuantizer(dimension, half, inner))
write("fp16-l2", faiss.IndexScalarQuantizer(dimension, half))
write("int8", faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, inner))
write("ivf", faiss.index_factory(dimension, "IVF2,Flat", inner))
write("hnsw", faiss.index_factory(dimension, "HNSW4", inner))
mapped = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
mapped.add_with_ids(vectors, np.arange(rows))
write("id-map", mapped)
