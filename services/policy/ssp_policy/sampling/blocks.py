"""The pool of key-value blocks: reference counts and the index of prefixes.

A full block is known by its content: the tokens in it and the block before it, which stands for
all tokens before. A block that nobody holds keeps its content until it is taken again, the one
freed longest ago first, so a later turn finds the keys and values of the turns before it.

Blocks are named by numbers that are never used again, not by hashes: two different prefixes can
never be taken for one another.
"""

from collections import OrderedDict
from itertools import count

Tokens = tuple[int, ...]
Content = tuple[int, Tokens]
"""The node of the block before it (or the root of the weights' version), and its tokens."""


class BlockPool:
    """Blocks 0 to `blocks` - 1, all free at first. Not safe for more than one thread."""

    def __init__(self, blocks: int) -> None:
        self.blocks = blocks
        self._holders = [0] * blocks
        self._free: OrderedDict[int, None] = OrderedDict.fromkeys(range(blocks))
        self._new_node = count()
        self._roots: dict[str, int] = {}
        self._found: dict[Content, tuple[int, int]] = {}  # content -> (block, node)
        self._content: dict[int, Content] = {}  # block -> content, the inverse of `_found`

    @property
    def free(self) -> int:
        """Count the blocks that can be taken."""
        return len(self._free)

    def root(self, version: str) -> int:
        """Give the node before the first block of any sequence under these weights.

        Under other weights nothing is found: no chain begins there.
        """
        if version not in self._roots:
            self._roots[version] = next(self._new_node)
        return self._roots[version]

    def take(self) -> int:
        """Take a free block; its old content is forgotten. Raises KeyError when none is free."""
        block, _ = self._free.popitem(last=False)
        self._forget(block)
        self._holders[block] = 1
        return block

    def hold(self, block: int) -> None:
        """Hold a block that was found; one that was free is free no longer."""
        if self._holders[block] == 0:
            del self._free[block]
        self._holders[block] += 1

    def release(self, blocks: list[int]) -> None:
        """Let go of a sequence's blocks, given in its order.

        Its last blocks are reused before its first, because the first ones are what other
        sequences share.
        """
        for block in reversed(blocks):
            self._holders[block] -= 1
            if self._holders[block] == 0:
                self._free[block] = None

    def name(self, block: int, parent: int, tokens: Tokens) -> int:
        """Record what a full block holds and give its node.

        Where another block has this content already, that one stays the one to be found.
        """
        content = (parent, tokens)
        known = self._found.get(content)
        if known is not None:
            return known[1]
        node = next(self._new_node)
        self._found[content] = (block, node)
        self._content[block] = content
        return node

    def find(self, parent: int, tokens: Tokens) -> tuple[int, int] | None:
        """Give the block with this content and its node, or None. It is not held yet."""
        return self._found.get((parent, tokens))

    def forget(self, blocks: list[int]) -> None:
        """Make these blocks unknown to later sequences: their content is not to be trusted."""
        for block in blocks:
            self._forget(block)

    def _forget(self, block: int) -> None:
        content = self._content.pop(block, None)
        if content is not None:
            del self._found[content]
