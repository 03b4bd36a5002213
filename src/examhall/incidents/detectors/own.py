"""The operator's own object detector: what its paper says of its input and output, and how its answer is read.

Bytes and the paper's words in, things out; where they lie is `examhall.incidents.own`'s affair.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol

import cv2
import msgspec
import numpy as np
import numpy.typing as npt
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from msgspec import Meta
from onnxruntime.capi import onnxruntime_pybind11_state as ort

from examhall.base.errors import Unavailable
from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.objects import SCORE_FROM, Thing, apart
from examhall.incidents.detectors.window import Box, Frame

Numbers = npt.NDArray[np.float32]
_Text = Annotated[str, Meta(min_length=1, max_length=200)]
_Side = Annotated[int, Meta(ge=8, le=2048)]
_Colours = tuple[float, float, float]
_Divisor = Annotated[float, Meta(ge=1e-3, le=1e3)]

OWN_MARK = "own:"
"""Before the operator's name for it, wherever a detector is named."""
_PLAIN_MEAN, _PLAIN_SCALE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
_GREY = 114
"""What a letterbox is padded with, as such models are trained."""
_BROKEN = (
    ValueError,
    RuntimeError,
    ort.EPFail,
    ort.Fail,
    ort.InvalidArgument,
    ort.InvalidGraph,
    ort.InvalidProtobuf,
    ort.NotImplemented,
    ort.RuntimeException,
)
"""What the two runtimes raise for a file they cannot load or an input they do not take."""


class OwnRefused(Unavailable):
    """The operator's own detector cannot be used; `fields` names the line of its paper to mend.

    No BadInput: a recording that cannot be decoded is passed over, a detector that fails on it must be heard of.
    """

    code = "own_detector_refused"


class _Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class OwnInput(_Paper, frozen=True):
    """What the model is given: value = (colour - mean) / scale, in the order of `colours`."""

    width: _Side
    height: _Side
    layout: Literal["nchw", "nhwc"]
    colours: Literal["rgb", "bgr"] = "rgb"
    fit: Literal["stretch", "letterbox"] = "stretch"
    mean: _Colours = _PLAIN_MEAN
    scale: tuple[_Divisor, _Divisor, _Divisor] = _PLAIN_SCALE


class OwnOutput(_Paper, frozen=True):
    """How its answer is to be read."""

    form: Literal["yolo", "yolo_objectness", "ssd"]
    """yolo: [1, 4 + classes, n]; yolo_objectness: [1, n, 5 + classes]; ssd: boxes, classes and scores apart."""
    measured_in: Literal["pixels", "shares"] = "pixels"
    """Of the yolo forms: whether places count pixels of the input or shares of it."""
    boxes: int = 0
    """Of ssd: which output holds [1, n, 4] top, left, bottom, right as shares of the input …"""
    classes: int = 1
    """… which the class numbers [1, n] …"""
    scores: int = 2
    """… and which the certainties [1, n]."""


class OwnFind(_Paper, frozen=True):
    """Which of its classes stand for a kind."""

    kind: Literal["object_phone", "object_book"]
    classes: Annotated[tuple[Annotated[int, Meta(ge=0)], ...], Meta(min_length=1)]
    min_score: Annotated[float, Meta(ge=SCORE_FROM, le=1.0)] = 0.5
    """Less is not told; the levels ask for 0.4, 0.5 or 0.6 besides."""


class OwnSpec(_Paper, frozen=True):
    """The paper beside the model file."""

    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9._-]{0,39}$")]
    version: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    licence: _Text
    file: Annotated[str, Meta(pattern=r"^[^/\\]+\.(onnx|tflite)$")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    input: OwnInput
    output: OwnOutput
    find: Annotated[tuple[OwnFind, ...], Meta(min_length=1)]
    fails_when: Annotated[str, Meta(max_length=500)] = "not known here: the operator's own model, not measured by us"

    @property
    def kinds(self) -> frozenset[IncidentKind]:
        return frozenset(IncidentKind(one.kind) for one in self.find)

    @property
    def source(self) -> str:
        """Where the model comes from, as packages stand in the papers of the others."""
        return f"the operator's own {self.version}"

    @property
    def card(self) -> Card:
        return Card(
            name=f"{OWN_MARK}{self.name}",
            version=self.version,
            kinds=self.kinds,
            models=(self.name,),
            looks_at="a frame every 2.5 seconds, each frame while such a thing is in view",
            measures="value 1; score: certainty of the best place, as the operator's own model gives it",
            fails_when=self.fails_when,
        )


class OwnFinder:
    """A model of the operator's that was loaded and tried on a grey picture. Raises OwnRefused if that fails."""

    def __init__(self, spec: OwnSpec, model: bytes) -> None:
        self.cards: Mapping[IncidentKind, Card] = dict.fromkeys(spec.kinds, spec.card)
        self.spec = spec
        try:
            self._net: _Net = _Onnx(model) if spec.file.endswith(".onnx") else _TfLite(model)
        except _BROKEN as error:
            raise OwnRefused(
                f"{spec.file} cannot be loaded: {_first_line(error)}", fields={"file": "an ONNX or TFLite model"}
            ) from error
        self._check_input()
        self.find(np.full((480, 640, 3), _GREY, np.uint8))

    def find(self, frame: Frame) -> list[Thing]:
        """Raises OwnRefused if the model's answer is not of the form its paper states."""
        picture, place = _fitted(frame, self.spec.input)
        try:
            answers = self._net.answers(self._asked(picture))
        except _BROKEN as error:
            raise OwnRefused(
                f"{self.spec.file} does not take such a picture: {_first_line(error)}",
                fields={"input": "as the model was exported: size, layout, scaling"},
            ) from error
        boxes, scores = _READ[self.spec.output.form](self.spec, answers)
        whole = np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        boxes, scores = boxes[whole], scores[whole]
        found: list[Thing] = []
        for one in self.spec.find:
            sure = scores[:, list(one.classes)].max(axis=1)
            rows = np.flatnonzero(sure >= one.min_score)
            sides = [place.back(boxes[row].tolist(), float(sure[row])) for row in rows]
            found += [Thing(IncidentKind(one.kind), sides[at]) for at in apart(sides)]
        return found

    def _check_input(self) -> None:
        given, asked = self.spec.input, self._net.shape
        sides = (given.height, given.width)
        wanted = (1, 3, *sides) if given.layout == "nchw" else (1, *sides, 3)
        fits = len(asked) == 4 and all(a is None or a == w for a, w in zip(asked, wanted, strict=True))
        if not fits:
            raise OwnRefused(
                f"{self.spec.file} takes {_shape(asked)}; width, height and layout make {_shape(wanted)}.",
                fields={"input": "state the width, height and layout of the model"},
            )
        if self._net.whole and (given.mean, given.scale) != (_PLAIN_MEAN, _PLAIN_SCALE):
            raise OwnRefused(
                f"{self.spec.file} takes whole numbers: the colours as they are.",
                fields={"input.scale": "leave mean and scale out"},
            )

    def _asked(self, picture: Frame) -> npt.NDArray[Any]:
        given = self.spec.input
        colours = picture if given.colours == "bgr" else picture[:, :, ::-1]
        values = colours if self._net.whole else (colours - _numbers(given.mean)) / _numbers(given.scale)
        values = values if given.layout == "nhwc" else values.transpose(2, 0, 1)
        return np.ascontiguousarray(values[None])


class _Net(Protocol):
    shape: list[int | None]
    whole: bool
    """Takes uint8: the colours as they are."""

    def answers(self, asked: npt.NDArray[Any]) -> list[Numbers]: ...


class _Onnx:
    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._net = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        inputs = self._net.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in {"tensor(float)", "tensor(uint8)"}:
            raise ValueError(f"it has {len(inputs)} inputs of {inputs[0].type}; one of float32 or uint8 is needed")
        self._name = inputs[0].name
        self.shape: list[int | None] = [side if isinstance(side, int) else None for side in inputs[0].shape]
        self.whole: bool = inputs[0].type == "tensor(uint8)"

    def answers(self, asked: npt.NDArray[Any]) -> list[Numbers]:
        return [np.asarray(one, np.float32) for one in self._net.run(None, {self._name: asked})]


class _TfLite:
    def __init__(self, model: bytes) -> None:
        self._net = Interpreter(model_content=model, num_threads=1)
        self._net.allocate_tensors()
        inputs = self._net.get_input_details()
        if len(inputs) != 1 or inputs[0]["dtype"] not in {np.float32, np.uint8}:
            raise ValueError(f"it has {len(inputs)} inputs of {inputs[0]['dtype']}; one of float32 or uint8 is needed")
        self._in = inputs[0]
        self.shape: list[int | None] = [int(side) for side in self._in["shape"]]
        self.whole: bool = bool(self._in["dtype"] == np.uint8)

    def answers(self, asked: npt.NDArray[Any]) -> list[Numbers]:
        self._net.set_tensor(self._in["index"], asked if self.whole else asked.astype(np.float32))
        self._net.invoke()
        return [
            _real(self._net.get_tensor(one["index"]), one["quantization"]) for one in self._net.get_output_details()
        ]


class _Place:
    """Where the frame lies in the model's input."""

    def __init__(self, frame: Frame, given: OwnInput) -> None:
        tall, broad = frame.shape[:2]
        across, down = given.width / broad, given.height / tall
        self.scale = (across, down) if given.fit == "stretch" else (min(across, down), min(across, down))
        self.size = (round(broad * self.scale[0]), round(tall * self.scale[1]))
        self.left, self.top = (given.width - self.size[0]) // 2, (given.height - self.size[1]) // 2

    def back(self, sides: Sequence[float], score: float) -> Box:
        """sides: left, top, right, bottom in pixels of the input."""
        left, right = ((side - self.left) / self.scale[0] for side in (sides[0], sides[2]))
        top, bottom = ((side - self.top) / self.scale[1] for side in (sides[1], sides[3]))
        return Box(left, top, right - left, bottom - top, score)


def _fitted(frame: Frame, given: OwnInput) -> tuple[Frame, _Place]:
    place = _Place(frame, given)
    picture = np.full((given.height, given.width, 3), _GREY, np.uint8)
    small = cv2.resize(frame, place.size, interpolation=cv2.INTER_AREA)
    picture[place.top : place.top + place.size[1], place.left : place.left + place.size[0]] = small
    return picture, place


def _yolo(spec: OwnSpec, answers: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    return _rows(spec, _only(spec, answers, 4).T, from_class=4)


def _yolo_objectness(spec: OwnSpec, answers: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    rows = _only(spec, answers, 5)
    boxes, scores = _rows(spec, rows, from_class=5)
    return boxes, scores * rows[:, 4:5]


def _only(spec: OwnSpec, answers: Sequence[Numbers], least: int) -> Numbers:
    form = {4: "[1, 4 + classes, n]", 5: "[1, n, 5 + classes]"}[least]
    if len(answers) != 1 or answers[0].ndim != 3 or answers[0].shape[0] != 1:
        raise _misread(spec, answers, f"one output {form}")
    return np.asarray(answers[0][0], np.float32)


def _rows(spec: OwnSpec, rows: Numbers, *, from_class: int) -> tuple[Numbers, Numbers]:
    """Middle x, y, width, height, …, then a score for each class."""
    most = max(number for one in spec.find for number in one.classes)
    if rows.shape[1] - from_class <= most:
        raise OwnRefused(
            f"{spec.file} has {max(0, rows.shape[1] - from_class)} classes in the form {spec.output.form}; "
            f"find names class {most}.",
            fields={"find.classes": "count from 0; or another output.form"},
        )
    unit = _numbers((1, 1) if spec.output.measured_in == "pixels" else (spec.input.width, spec.input.height))
    middle, half = rows[:, :2] * unit, rows[:, 2:4] * unit / 2
    return np.concatenate([middle - half, middle + half], axis=1), rows[:, from_class:]


def _ssd(spec: OwnSpec, answers: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    out = spec.output
    if not all(0 <= at < len(answers) for at in (out.boxes, out.classes, out.scores)):
        raise _misread(spec, answers, "outputs with the numbers of output.boxes, classes and scores")
    boxes, numbers, scores = answers[out.boxes], answers[out.classes], answers[out.scores]
    if boxes.ndim != 3 or boxes.shape[2] != 4 or not boxes.shape[:2] == numbers.shape == scores.shape:
        raise _misread(spec, answers, "boxes [1, n, 4], classes [1, n] and scores [1, n]")
    unit = _numbers((spec.input.width, spec.input.height) * 2)
    most = max(number for one in spec.find for number in one.classes)
    by_class = np.zeros((scores.shape[1], most + 1), np.float32)
    for row, (number, score) in enumerate(zip(numbers[0].astype(int).tolist(), scores[0].tolist(), strict=True)):
        if 0 <= number <= most:
            by_class[row, number] = score
    return boxes[0][:, [1, 0, 3, 2]] * unit, by_class


_READ = {"yolo": _yolo, "yolo_objectness": _yolo_objectness, "ssd": _ssd}


def _misread(spec: OwnSpec, answers: Sequence[Numbers], wanted: str) -> OwnRefused:
    shapes = ", ".join(_shape(one.shape) for one in answers)
    return OwnRefused(
        f"{spec.file} answers {shapes}; the form {spec.output.form} is {wanted}.",
        fields={"output.form": f"use the form of the model: {', '.join(_READ)}"},
    )


def _numbers(values: Sequence[float]) -> Numbers:
    return np.array(values, np.float32)


def _real(raw: npt.NDArray[Any], quantization: tuple[float, int]) -> Numbers:
    """What a whole number of a quantised model stands for."""
    scale, zero = quantization
    return np.asarray((raw.astype(np.float32) - zero) * scale if scale else raw, np.float32)


def _shape(sides: Sequence[int | None]) -> str:
    return f"[{', '.join('any' if side is None else str(side) for side in sides)}]"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
