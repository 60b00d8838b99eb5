"""Tells that a row was never made, without asking the store: a Bloom filter that grows."""

from services.command.knowing import RowPlace

FIRST_ROWS = 1 << 16
GROWTH = 4
BITS_A_ROW = 16
PROBES = 4


class RowFilter:
    """The places of rows, of which some were certainly never added. It errs one way only: towards `may_have`.

    Two bytes a row, in layers each larger than the one before it; one in some 400 absent rows passes a full layer.
    """

    def __init__(self, first_rows: int = FIRST_ROWS) -> None:
        self._layers = [_Layer(first_rows)]

    def add(self, place: RowPlace) -> None:
        """From now on there may be such a row."""
        layer = self._layers[-1]
        if not layer.room:
            layer = _Layer(GROWTH * layer.rows)
            self._layers.append(layer)
        layer.add(hash(place))

    def may_have(self, place: RowPlace) -> bool:
        """False: it was never added."""
        hashed = hash(place)
        return any(layer.may_have(hashed) for layer in self._layers)


class _Layer:
    __slots__ = ("_bits", "_mask", "room", "rows")

    def __init__(self, rows: int) -> None:
        """`rows` is a power of two."""
        self.rows = self.room = rows
        self._bits = bytearray(rows * BITS_A_ROW // 8)
        self._mask = rows * BITS_A_ROW - 1

    def add(self, hashed: int) -> None:
        self.room -= 1
        step = hashed >> 32 | 1
        for _ in range(PROBES):
            at = hashed & self._mask
            self._bits[at >> 3] |= 1 << (at & 7)
            hashed += step

    def may_have(self, hashed: int) -> bool:
        step = hashed >> 32 | 1
        for _ in range(PROBES):
            at = hashed & self._mask
            if not self._bits[at >> 3] >> (at & 7) & 1:
                return False
            hashed += step
        return True
