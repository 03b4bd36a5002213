"""The hard clips: what happens in each, what is to be found, and the encoding of a poor connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np

from bench.hard import traps
from bench.hard.base import Base, Picture
from bench.hard.traps import between
from examhall.incidents.rules.quality import Clip, Label, Truth

LENGTH_S = 28.0
FROM_S, TO_S = 10.0, 20.0
"""When the incident of a clip takes place, if it has one."""
DROPPED = 0.06
"""Share of pictures that never arrive."""
KBIT_S = 110

Behind = Callable[[Picture, Base, float], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One clip: what stands behind, what is held before, what the camera does, and what is to be found."""

    name: str
    wanted: str | None = None
    behind: Sequence[Behind] = ()
    before: Behind | None = None
    camera: Callable[[Picture, float], Picture] | None = None
    leaves: bool = False
    tolerated: Sequence[str] = ()
    hole: tuple[float, float] | None = None
    """No pictures arrive."""
    frozen: tuple[float, float] | None = None
    """The same picture arrives again and again."""
    lighting: str | None = None


def _comes(picture: Picture, base: Base, at_s: float) -> None:
    """Somebody comes in slowly behind and stays until they leave."""
    here = between(at_s, FROM_S, TO_S, 2.5)
    if here > 0:
        base.other(picture, 720 - 170 * here, 190, 0.6, at_s)


def _half(picture: Picture, base: Base, at_s: float) -> None:
    """Two thirds of a face at the edge of the picture."""
    here = between(at_s, FROM_S, TO_S)
    if here > 0:
        base.other(picture, 730 - 122 * here, 200, 0.75, at_s)


def _walks(picture: Picture, _: Base, at_s: float) -> None:
    traps.walker(picture, FROM_S, FROM_S + 5, at_s)
    traps.walker(picture, FROM_S + 5, TO_S, at_s)


def _held(thing: Callable[[Picture, float, float], None]) -> Behind:
    def hold(picture: Picture, _: Base, at_s: float) -> None:
        here = between(at_s, FROM_S, TO_S, 1.0)
        if here > 0:
            thing(picture, 452 + 3 * np.sin(at_s * 2), 500 - 240 * here)

    return hold


def _within(change: Callable[[Picture, float], Picture]) -> Callable[[Picture, float], Picture]:
    return lambda picture, at_s: change(picture, at_s) if FROM_S <= at_s <= TO_S else picture


LEFT, SEVERAL, MOTION = "left_session", "multiple_people", "background_motion"
COVERED, PHONE, FACIAL = "covered_or_dark_camera", "phone_visible", "facial_suspicion"

CASES: Sequence[Case] = (
    Case("portrait", behind=[traps.portrait]),
    Case("portrait_left", LEFT, behind=[traps.portrait], leaves=True, tolerated=[MOTION, FACIAL]),
    Case("portrait_visitor", SEVERAL, behind=[traps.portrait, _comes], tolerated=[MOTION]),
    Case("portrait_sway", behind=[traps.portrait], camera=traps.sway),
    Case("reflection", behind=[traps.reflection]),
    Case("shirt_face", before=traps.shirt_face),
    Case("visitor_slow", SEVERAL, behind=[_comes], tolerated=[MOTION]),
    Case("visitor_half", SEVERAL, behind=[_half], tolerated=[MOTION]),
    Case("visitor_sway", SEVERAL, behind=[_comes], camera=traps.sway, tolerated=[MOTION]),
    Case("fan", behind=[traps.fan]),
    Case("fan_walker", MOTION, behind=[traps.fan, _walks], tolerated=[SEVERAL]),
    Case("curtain", behind=[traps.curtain]),
    Case("curtain_walker", MOTION, behind=[traps.curtain, _walks], tolerated=[SEVERAL]),
    Case("walker", MOTION, behind=[_walks], tolerated=[SEVERAL]),
    Case("sway", camera=traps.sway),
    Case("sway_walker", MOTION, behind=[_walks], camera=traps.sway, tolerated=[SEVERAL]),
    Case("phone", PHONE, before=_held(traps.phone), tolerated=[MOTION, FACIAL]),
    Case("calculator", before=_held(traps.calculator), tolerated=[MOTION]),
    Case("mug", before=_held(traps.mug), tolerated=[MOTION]),
    Case("book", before=_held(traps.book), tolerated=[MOTION]),
    Case("finger_75", COVERED, camera=_within(lambda p, t: traps.finger(p, 0.75, t)), tolerated=[LEFT, FACIAL, MOTION]),
    Case("finger_90", COVERED, camera=_within(lambda p, t: traps.finger(p, 0.9, t)), tolerated=[LEFT, FACIAL, MOTION]),
    Case("sticker", COVERED, camera=_within(lambda p, _: traps.sticker(p, 0.8)), tolerated=[LEFT, FACIAL, MOTION]),
    Case("dim", camera=lambda p, _: np.asarray(p * 0.3, np.float32), lighting="dim"),
    Case("backlight", camera=lambda p, _: traps.backlight(p), lighting="backlight"),
    Case(
        "backlight_left",
        LEFT,
        camera=lambda p, _: traps.backlight(p),
        leaves=True,
        lighting="backlight",
        tolerated=[MOTION, FACIAL],
    ),
    Case("hole", hole=(11, 19)),
    Case("frozen", frozen=(11, 16)),
    Case("left_slow", LEFT, leaves=True, tolerated=[MOTION, FACIAL]),
)


def compose(
    folder: Path, base: Base, cases: Sequence[Case], *, fps: int = 12, seed: int = 1, length_s: float = LENGTH_S
) -> Truth:
    """Write each case as an H.264 film of little more than KBIT_S, and their truth.json."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    clips = tuple(_clip(folder, base, case, rng, fps, length_s) for case in cases)
    truth = Truth(clips)
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1))
    return truth


def _clip(folder: Path, base: Base, case: Case, rng: np.random.Generator, fps: int, length_s: float) -> Clip:
    name = f"{case.name}.mp4"
    grain = rng.normal(0, 3, (8, 480, 640, 1)).astype(np.float32)
    with av.open(str(folder / name), "w") as film:
        stream = film.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = traps.WIDTH, traps.HEIGHT, "yuv420p"
        stream.bit_rate, stream.time_base = KBIT_S * 1000, Fraction(1, fps)
        stream.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "threads": "1",
            "g": str(2 * fps),
        }
        last: Picture | None = None
        for at in range(round(length_s * fps)):
            at_s = at / fps
            if _inside(case.hole, at_s) or (at and rng.random() < DROPPED):
                continue
            if last is None or not _inside(case.frozen, at_s):
                last = _picture(base, case, at_s) + grain[at % len(grain)]
            frame = av.VideoFrame.from_ndarray(np.clip(last, 0, 255).astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, fps)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    labels = (Label(case.wanted, FROM_S, TO_S),) if case.wanted else ()
    allowed = tuple(Label(type_, FROM_S - 3, TO_S + 3) for type_ in case.tolerated)
    return Clip(name, length_s, not labels, labels, allowed, lighting=case.lighting or "plain", case=case.name)


def _picture(base: Base, case: Case, at_s: float) -> Picture:
    picture = base.room(at_s)
    for paint in case.behind:
        paint(picture, base, at_s)
    base.candidate(picture, at_s, 1 - between(at_s, FROM_S - 0.5, TO_S + 0.5) if case.leaves else 1.0)
    if case.before is not None:
        case.before(picture, base, at_s)
    return case.camera(picture, at_s) if case.camera else picture


def _inside(span: tuple[float, float] | None, at_s: float) -> bool:
    return span is not None and span[0] <= at_s < span[1]
