"""Keys and values of all layers, in blocks."""

import torch


class PagedCache:
    """One tensor (blocks, block_size, kv_heads, head_dim) each for a layer's keys and values.

    They are allocated when a layer first writes, at the beginning and after a `release`, with the
    type and the device of what it writes.
    They begin as zeros, because attention multiplies masked values by zero, which must not meet
    what is not a number.
    """

    def __init__(self, blocks: int, block_size: int) -> None:
        self.blocks = blocks
        self.block_size = block_size
        self._layers: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self._room: dict[int, torch.Tensor] = {}

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

        `table_B` lists the blocks of all rows one after the other, the same number for each. The
        result is valid until the next call: the memory is used again, for getting fresh memory
        costs more than the copy.
        """
        keys, values = (
            self._copy_blocks(cache, table_B, place).view(rows, -1, *cache.shape[2:])
            for place, cache in enumerate(self._layers[layer])
        )
        return keys.transpose(1, 2), values.transpose(1, 2)

    def _copy_blocks(self, cache: torch.Tensor, table_B: torch.Tensor, place: int) -> torch.Tensor:
        """Copy blocks to the working memory 0 (keys) or 1 (values)."""
        room = self._room.get(place)
        if room is None or len(room) < len(table_B):
            room = self._room[place] = cache.new_empty((len(table_B) * 5 // 4, *cache.shape[1:]))
        return torch.index_select(cache, 0, table_B, out=room[: len(table_B)])

    @property
    def allocated_bytes(self) -> int:
        """Count what the tensors take now."""
        pairs = [*self._layers.values(), tuple(self._room.values())]
        return sum(tensor.nbytes for pair in pairs for tensor in pair)

    def release(self) -> None:
        """Give the memory back; what was written is gone."""
        self._layers.clear()
        self._room.clear()

    def clear(self, blocks: list[int]) -> None:
        """Overwrite blocks with zeros, where something not finite was written."""
        for layer in self._layers.values():
            for cache in layer:
                cache[blocks] = 0
