"""Stop texts in a growing text."""


class StopStrings:
    """Looks for stop texts that end in the newest piece; they may begin in earlier ones."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._longest = max(map(len, stops), default=1)
        self._tail = ""

    def push(self, delta: str) -> str | None:
        """Add a piece of text and give the stop text that ends first in it, or None.

        Of two that end at the same character, the one named first counts. Nothing is found again
        that ended in an earlier piece.
        """
        text = self._tail + delta
        ends = []
        for order, stop in enumerate(self._stops):
            first = max(0, len(self._tail) - len(stop) + 1)
            at = text.find(stop, first)
            if at >= 0:
                ends.append((at + len(stop), order))
        self._tail = text[-(self._longest - 1) :] if self._longest > 1 else ""
        return self._stops[min(ends)[1]] if ends else None
