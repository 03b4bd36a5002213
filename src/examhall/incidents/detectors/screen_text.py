"""Words on a picture of the screen: PP-OCRv6 small (finding lines, reading them) under ONNX Runtime.

Only words somebody listed are looked for; what else stands there is forgotten at once.
"""

import unicodedata
from collections.abc import Collection, Iterator

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import Grey

CARD = Card(
    name="screen_text",
    version="1",
    kinds=frozenset(),
    models=("text_lines", "text_reading"),
    looks_at="a key picture of the screen after a large change, at most one in thirty seconds, only with listed words",
    measures="whether one of the listed words, or none of the expected ones, can be read; nothing else is kept",
    fails_when=(
        "small, slanted and stylised print, formulas and handwriting are misread; a listed word in the exam's own "
        "questions counts as well, and so does one in a message of the computer"
    ),
)

LINE_WIDTH_PX = 1280
"""The picture in which lines are looked for: text of 12 px in full HD is still found."""
INK, SURE = 0.3, 0.5
"""The model's own limits: of a pixel to belong to a line, of a line to be one."""
SPREAD = 1.6
"""The model marks the core of a line; by its author's rule it reaches this much further."""
HEIGHT_PX = 48
"""Of a line as the reading model wants it."""
MOST_LINES = 80
MOST_WIDTH_PX = 2400
READABLE = 0.6
"""Mean certainty of the letters below which a line is not taken for text."""

Pixels = npt.NDArray[np.float32]


class TextReader:
    """Both models, from the bytes of their files."""

    def __init__(self, lines: bytes, reading: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.enable_cpu_mem_arena = False  # which would keep the largest page ever read
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._lines = onnxruntime.InferenceSession(lines, options, providers=["CPUExecutionProvider"])
        self._reading = onnxruntime.InferenceSession(reading, options, providers=["CPUExecutionProvider"])
        known = self._reading.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._letters = ["", *known, " "]

    def found(self, grey: Grey, words: Collection[str]) -> frozenset[str]:
        """Which of `words` can be read in the picture; case, accents and spaces do not matter."""
        text = " ".join(_plain(line) for line in self.lines(grey))
        return frozenset(word for word in words if _plain(word) in text)

    def lines(self, grey: Grey) -> Iterator[str]:
        for left, top, right, bottom in self._boxes(grey):
            yield self._read(grey[top:bottom, left:right])

    def _boxes(self, grey: Grey) -> list[tuple[int, int, int, int]]:
        """left, top, right, bottom of the lines in pixels of `grey`, from the top."""
        height, width = grey.shape
        scale = min(1.0, LINE_WIDTH_PX / width)
        size = (max(1, round(width * scale / 32)) * 32, max(1, round(height * scale / 32)) * 32)
        (ink,) = self._lines.run(None, {"x": _fed(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))})
        core = cv2.dilate((ink[0, 0] > INK).astype(np.uint8), np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        boxes = []
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            if min(w, h) < 3 or float(ink[0, 0, y : y + h, x : x + w].mean()) < SURE:
                continue
            more = w * h * SPREAD / (2 * (w + h))
            left, right = (int((x - more) * width / size[0]), int((x + w + more) * width / size[0]))
            top, bottom = (int((y - more) * height / size[1]), int((y + h + more) * height / size[1]))
            boxes.append((max(0, left), max(0, top), min(width, right), min(height, bottom)))
        return sorted(boxes, key=lambda box: (box[1], box[0]))[:MOST_LINES]

    def _read(self, line: Grey) -> str:
        width = min(MOST_WIDTH_PX, max(HEIGHT_PX, round(line.shape[1] * HEIGHT_PX / line.shape[0])))
        (likely,) = self._reading.run(None, {"x": _fed(cv2.resize(line, (width, HEIGHT_PX)))})
        best, certain = likely[0].argmax(axis=1), likely[0].max(axis=1)
        kept = (best > 0) & np.append(True, best[1:] != best[:-1])
        if not kept.any() or float(certain[kept].mean()) < READABLE:
            return ""
        return "".join(self._letters[place] for place in best[kept])


def _fed(grey: npt.NDArray[np.integer | np.floating]) -> Pixels:
    """float32 [1, 3, h, w], -1 to 1."""
    return np.repeat((grey.astype(np.float32) / 127.5 - 1.0)[None, None], 3, axis=1)


def _plain(text: str) -> str:
    """Letters and figures alone, without case and accents: spaces are what reading gets wrong first."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if letter.isalnum())
