"""Makes the Parquet files beside it: `uv run --with pyarrow==22.0.0 make.py`.

Forty rows in row groups of 16, with a column of vectors that an import leaves alone.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(__file__).parent
count = 40
table = pa.table(
    {
        "id": pa.array(range(count), pa.int64()),
        "title": pa.array([f"Title {i}" for i in range(count)]),
        "text": pa.array([f"Text {i} with ä and 🚂." for i in range(count)]),
        "embeddings": pa.array([[float(i)] * 4 for i in range(count)], pa.list_(pa.float32())),
    }
)
for codec in ["none", "snappy", "zstd", "gzip"]:
    pq.write_table(table, folder / f"{codec}.parquet", compression=codec, row_group_size=16)
sentences = pa.table(
    {
        "title": ["One", None],
        "text": pa.array([["A sentence.", " Another."], []], pa.list_(pa.string())),
    }
)
pq.write_table(sentences, folder / "sentences.parquet")
pq.write_table(pa.table({"n": [1, 2]}), folder / "no-text.parquet")
