"""Keys and values of all layers, in blocks."""

import torch


class PagedCache:
    """One tensor (blocks, block_size, kv_heads, head_dim) each for a layer's keys and values.

    They are allocated when a layer first writes, with the type and the device of what it writes.
    They begin as zeros, because attention multiplies masked values by zero, which must not meet
    what is not a number.
    """

    def __init__(self, blocks: int, block_size: int) -> None:
        self.blocks = blocks
        self.block_size = block_size
        self._layers: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def write(
        self, layer: int, slots_T: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> None:
        """Store keys and values (T, kv_heads, head_dim) at slots block * block_size + offset."""
        if layer not in self._layers:
            shape = (self.blocks, self.block_size, *keys.shape[1:])
            self._layers[layer] = (keys.new_zeros(shape), values.new_zeros(shape))
        for cache, new in zip(self._layers[layer], (keys, values), strict=True):
            cache.flatten(0, 1).index_copy_(0, slots_T, new)

    def gather(
        self, layer: int, table_B: torch.Tensor, rows: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Copy out blocks: keys and values (rows, kv_heads, length, head_dim).

        `table_B` lists the blocks of all rows one after the other, the same number for each.
        """
        keys, values = (
            cache.index_select(0, table_B).view(rows, -1, *cache.shape[2:]).transpose(1, 2)
            for cache in self._layers[layer]
        )
        return keys, values

    def clear(self, blocks: list[int]) -> None:
        """Overwrite blocks with zeros, where something not finite was written."""
        for layer in self._layers.values():
            for cache in layer:
                cache[blocks] = 0
