"""Is somebody speaking: silero's voice model on 32 ms frames, aggregated to half seconds."""

import numpy as np
import numpy.typing as npt
import onnxruntime

from examhall.base.words import IncidentKind
from examhall.incidents.detectors.card import Card
from examhall.incidents.detectors.window import SAMPLE_RATE, Samples

CARD = Card(
    name="speech",
    version="1",
    kinds=frozenset({IncidentKind.SPEECH}),
    models=("voice",),
    looks_at="all sound, 16 kHz mono, in frames of 32 ms",
    measures="value 1: at least half of the half second is voice; score: the mean certainty of its voiced frames",
    fails_when=(
        "singing counts as speech, and so does a radio; it cannot tell who speaks; dense coughing raises it rarely; "
        "noise suppression in the browser removes just the faint speech that is to be found"
    ),
)

FRAME = 512
CONTEXT = 64
"""The model sees this many samples of the frame before."""
VOICE = 0.5
"""detection.md §12."""
VOICED_SHARE = 0.5
"""So much of a half second has to be voice."""
GATE_DBFS = -70.0
"""A frame below this is silence: the model need not look."""

Memory = npt.NDArray[np.float32]


class VoiceFinder:
    """The voice model under ONNX Runtime, from the bytes of its model file. Its memory is handed in and out."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._net = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._rate = np.array(SAMPLE_RATE, np.int64)

    @staticmethod
    def blank() -> tuple[Memory, Samples]:
        """Memory and context at the start of a session."""
        return np.zeros((2, 1, 128), np.float32), np.zeros(CONTEXT, np.float32)

    def probabilities(self, samples: Samples, memory: Memory, context: Samples) -> tuple[list[float], Memory, Samples]:
        """One probability per whole FRAME of `samples`, with the memory and context for what follows."""
        out: list[float] = []
        for place in range(0, len(samples) - FRAME + 1, FRAME):
            frame = samples[place : place + FRAME]
            if _silent(frame):
                out.append(0.0)
            else:
                fed = {"input": np.concatenate([context, frame])[None], "state": memory, "sr": self._rate}
                voice, memory = self._net.run(None, fed)
                out.append(float(voice[0, 0]))
            context = frame[-CONTEXT:]
        return out, memory, context


def _silent(frame: Samples) -> bool:
    return float(np.dot(frame, frame)) / len(frame) < 10 ** (GATE_DBFS / 10)


def voiced(probabilities: list[float]) -> tuple[bool, float]:
    """Whether the half second these frames fill is voice, and how surely."""
    voice = [p for p in probabilities if p > VOICE]
    if len(voice) < VOICED_SHARE * max(1, len(probabilities)):
        return False, 0.0
    return True, sum(voice) / len(voice)
