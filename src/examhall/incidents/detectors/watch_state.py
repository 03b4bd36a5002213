"""What the cascade over the webcam's frames remembers of one attempt, and the models it looks with."""

from dataclasses import dataclass, field

from examhall.incidents.detectors.body import BodyFinder
from examhall.incidents.detectors.calibration import Calibration, Reading
from examhall.incidents.detectors.camera import CameraState
from examhall.incidents.detectors.faces import FaceFinder
from examhall.incidents.detectors.held import Held
from examhall.incidents.detectors.identity import IdentityState
from examhall.incidents.detectors.identity_look import FaceReader
from examhall.incidents.detectors.loop import LoopState
from examhall.incidents.detectors.mesh import FaceMesh, Region
from examhall.incidents.detectors.motion import MotionState
from examhall.incidents.detectors.objects import ObjectEyes, ObjectsState
from examhall.incidents.detectors.people import Beside, Opening
from examhall.incidents.detectors.pose import PoseState
from examhall.incidents.detectors.scene import View
from examhall.incidents.detectors.upright import Stand
from examhall.incidents.detectors.window import Box


@dataclass(frozen=True, slots=True)
class WatchState:
    """Kept between windows."""

    started_s: float | None = None
    last_s: float = 0.0
    faced_s: float = 0.0
    """When the candidate's face was last read."""
    found_s: float = -1e9
    """When the face finder last looked …"""
    scene: bytes = b""
    """… and at what."""
    empty: bool = False
    """Nobody was there."""
    coarse: bool = False
    """Whether that look was the cheap one."""
    held: tuple[Held, ...] = ()
    """The last readings of the candidate's face …"""
    beside_held: tuple[Held, ...] = ()
    """… and the last one of each face beside it."""
    several: bool = False
    region: Region | None = None
    """Where the candidate's face is followed."""
    face: Box | None = None
    """Where it was last read, kept while it is away …"""
    usual: Box | None = None
    """… and where it has mostly been: whoever leaves takes their face along to the edge."""
    camera: CameraState = field(default_factory=CameraState)
    loop: LoopState = field(default_factory=LoopState)
    pose: PoseState = field(default_factory=PoseState)
    motion: MotionState = field(default_factory=MotionState)
    objects: ObjectsState = field(default_factory=ObjectsState)
    view: View | None = None
    """What the object finders last looked at, once the candidate's face is known."""
    identity: IdentityState = field(default_factory=IdentityState)
    beside: tuple[Beside, ...] = ()
    calibration: Calibration = field(default_factory=Calibration)
    reading: Reading = field(default_factory=Reading)
    opening: Opening | None = None
    stand: Stand = field(default_factory=Stand)
    """Which way up the camera stands."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """The loaded models of the cascade."""

    finder: FaceFinder
    mesh: FaceMesh
    body: BodyFinder
    objects: ObjectEyes | None = None
    """None when its model is absent, or no rule asks for it: it is the dearest look."""
    reader: FaceReader | None = None
    """None when its model is absent, or no rule asks who sits there."""
