"""The published weights of the identity network (dlib's ResNet-v1, as dlib stores them) as an ONNX graph.

So the network runs under the runtime the product has anyway, four times faster than in its own library, and nothing
has to be compiled. The file is read as it was published: its hash is checked before it comes here.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from examhall.base.errors import BadInput

SIDE = 150
"""Input: float32 [n, 3, SIDE, SIDE], RGB, normalised."""
NUMBERS = 128
"""Output: float32 [n, NUMBERS]."""
BLOCKS: tuple[tuple[int, bool], ...] = (
    *[(32, False)] * 3,
    (64, True),
    *[(64, False)] * 3,
    (128, True),
    *[(128, False)] * 2,
    (256, True),
    *[(256, False)] * 2,
    (256, True),
)
"""Residual blocks from input to output: filters, and whether the block halves the picture."""

Weights = npt.NDArray[np.float32]


def onnx_graph(published: bytes) -> bytes:
    """An ONNX model with input "faces" and output "numbers". Raises BadInput if `published` is another network."""
    try:
        return _Graph(_convolutions(published), _last(published)).model()
    except (StopIteration, ValueError, struct.error) as error:
        raise BadInput("The identity model is not the network this product knows.") from error


@dataclass(slots=True)
class _Reader:
    """Goes through dlib's format: small numbers with their length in front, weights as plain floats."""

    raw: bytes
    place: int = 0

    def to(self, mark: bytes) -> None:
        """Behind the next layer of this name."""
        self.place = self.raw.index(bytes([1, len(mark)]) + mark, self.place) + 2 + len(mark)

    def whole(self) -> int:
        length = self.raw[self.place]
        out = int.from_bytes(self.raw[self.place + 1 : self.place + 1 + length], "little")
        self.place += 1 + length
        return out

    def tensor(self) -> Weights:
        version, *shape = (self.whole() for _ in range(5))
        count = int(np.prod(shape))
        if version != 2:
            raise ValueError(version)
        out = np.frombuffer(self.raw, "<f4", count, self.place)
        self.place += 4 * count
        return out


def _convolutions(published: bytes) -> Iterator[tuple[Weights, Weights]]:
    """Filters and biases in order; the scaling that follows each convolution is worked into them."""
    reader = _Reader(published)
    before = 3
    for filters, side in [(32, 7)] + [(filters, 3) for filters, _ in BLOCKS for _ in range(2)]:
        reader.to(b"con_4")
        params = reader.tensor()
        weights, biases = params[:-filters].reshape(filters, before, side, side), params[-filters:]
        reader.to(b"affine_")
        gamma, beta = reader.tensor().reshape(2, filters)
        yield weights * gamma[:, None, None, None], biases * gamma + beta
        before = filters


def _last(published: bytes) -> Weights:
    reader = _Reader(published)
    reader.to(b"fc_2")
    reader.whole(), reader.whole()
    return reader.tensor().reshape(BLOCKS[-1][0], NUMBERS)


class _Graph:
    """Writes the graph in the order of its layers: names are numbers, the last one is what comes next."""

    def __init__(self, convolutions: Iterator[tuple[Weights, Weights]], last: Weights) -> None:
        self._out: list[bytes] = []
        self._named = 0
        self._convolutions = convolutions
        at = self._relu(self._convolve("faces", stride=2, pad=0))
        at, side, before = self._node("MaxPool", [at], kernel_shape=[3, 3], strides=[2, 2]), 35, 32
        for filters, halves in BLOCKS:
            at, side = self._block(at, side, before, filters, halves=halves)
            before = filters
        at = self._node("Flatten", [self._node("GlobalAveragePool", [at])])
        self._node("MatMul", [at, self._constant(last)], name="numbers")

    def model(self) -> bytes:
        ports = _bytes(11, _port("faces", (3, SIDE, SIDE))) + _bytes(12, _port("numbers", (NUMBERS,)))
        graph = [*self._out, _bytes(2, b"identity"), ports]
        start = _number(1, 8) + _begun(7, sum(map(len, graph)))
        return b"".join([start, *graph, _bytes(8, _bytes(1, b"") + _number(2, 13))])

    def _block(self, at: str, side: int, before: int, filters: int, *, halves: bool) -> tuple[str, int]:
        """Two convolutions beside a short cut. Where sizes differ, dlib fills the smaller side with zeros."""
        inner = self._relu(self._convolve(at, stride=2 if halves else 1, pad=0 if halves else 1))
        long = self._convolve(inner, stride=1, pad=1)
        if halves:
            at = self._node("AveragePool", [at], kernel_shape=[2, 2], strides=[2, 2])
            long_side, side = (side - 3) // 2 + 1, side // 2
            long = self._padded(long, 0, side - long_side)
        return self._relu(self._node("Add", [self._padded(at, filters - before, 0), long])), side

    def _padded(self, at: str, channels: int, pixels: int) -> str:
        if not channels and not pixels:
            return at
        return self._node("Pad", [at, self._constant(np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64))])

    def _convolve(self, at: str, *, stride: int, pad: int) -> str:
        weights, biases = next(self._convolutions)
        inputs = [at, self._constant(weights), self._constant(biases)]
        return self._node("Conv", inputs, kernel_shape=weights.shape[2:], strides=[stride] * 2, pads=[pad] * 4)

    def _relu(self, at: str) -> str:
        return self._node("Relu", [at])

    def _node(self, kind: str, inputs: Sequence[str], *, name: str = "", **lists: Sequence[int]) -> str:
        out = name or self._name()
        node = b"".join(_bytes(1, given.encode()) for given in inputs) + _bytes(2, out.encode())
        node += _bytes(4, kind.encode())
        for key, values in lists.items():
            several = b"".join(_number(8, value) for value in values)
            node += _bytes(5, _bytes(1, key.encode()) + several + _number(20, 7))
        self._out.append(_bytes(1, node))
        return out

    def _constant(self, values: npt.NDArray[np.float32] | npt.NDArray[np.int64]) -> str:
        name = self._name()
        dims = b"".join(_number(1, int(length)) for length in values.shape)
        kind = 7 if values.dtype == np.int64 else 1
        raw = values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
        about = dims + _number(2, kind) + _bytes(8, name.encode()) + _begun(9, len(raw))
        self._out += [_begun(5, len(about) + len(raw)) + about, raw]
        return name

    def _name(self) -> str:
        self._named += 1
        return str(self._named)


def _port(name: str, shape: tuple[int, ...]) -> bytes:
    """A named input or output: any number of rows of this shape."""
    dims = _bytes(1, _bytes(2, b"n")) + b"".join(_bytes(1, _number(1, length)) for length in shape)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, dims)))


def _bytes(field: int, content: bytes) -> bytes:
    return _begun(field, len(content)) + content


def _begun(field: int, length: int) -> bytes:
    """What stands before so many bytes; 22 MB of weights are copied once, not for each field they lie in."""
    return _varint(field << 3 | 2) + _varint(length)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
