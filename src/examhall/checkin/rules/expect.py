"""What a candidate is told before any device is touched (R-0.18): every sentence follows from the frozen policy."""

from collections.abc import Collection
from dataclasses import dataclass

from examhall.base.words import Accommodation
from examhall.exam.rules.accommodation import told_of
from examhall.exam.rules.policy import Clipboard, FullScreen, LiveMode, OnWindowExpired, Policy, TabRule
from examhall.exam.rules.screen_words import words_of
from examhall.incidents.rules.baseline import looks_asked

__all__ = ["Told", "told"]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to know. `icon` is a name of the sprite, `on` whether it is done (or only said not to be)."""

    icon: str
    title: str
    text: str
    on: bool = True


def told(policy: Policy, accommodations: Collection[Accommodation] = ()) -> list[Told]:
    """In the order of what people ask first: what is recorded, what is not possible, what if something breaks."""
    allowed = [Told("file-text", "Paper on the desk is allowed", "Looking at it is not marked.")] * policy.allow.paper
    arranged = [Told("accessibility", "Arranged for you", f"{told_of(accommodations)}.")] if accommodations else []
    looks = [_LOOKS] if looks_asked(policy, accommodations) else []
    told_first = [*arranged, *_recorded(policy), *looks, *_locked(policy), *allowed]
    return [*told_first, _seen_by(policy), _connection(policy), _breaks(policy)]


_LOOKS = Told(
    "scan-face",
    "Four pictures at the system check, if you like",
    "They show how you look at your screen. They are sent only when you agree; leaving them out has no consequence.",
)


def _recorded(policy: Policy) -> list[Told]:
    record = policy.record
    return [
        Told("video", "Your camera is recorded", "From the moment you agree until you hand in.")
        if record.video
        else Told("video-off", "Your camera is not recorded", "This exam does not use it.", on=False),
        Told("mic", "Sound is recorded", "Through the microphone you choose.")
        if record.audio
        else Told("mic-off", "Sound is not recorded", "This exam does not use your microphone.", on=False),
        Told("monitor", "Your whole screen is recorded", "Close everything that is private before you begin.")
        if record.screen
        else Told("monitor-x", "Your screen is not recorded", "This exam does not look at it.", on=False),
    ]


def _locked(policy: Policy) -> list[Told]:
    lock, sites = policy.lock, words_of(policy.allow.sites)
    found = []
    if lock.full_screen is not FullScreen.OFF:
        found.append(Told("maximize", "The exam runs in full screen", "Leaving full screen is written to the log."))
    if lock.one_screen:
        found.append(Told("monitor-check", "One screen only", "Unplug or turn off a second screen."))
    if sites:
        text = f"{', '.join(sites)}; no others. Going there is written to the log as well."
        found.append(Told("globe", "Pages and programs you may open", text))
    elif lock.tabs is not TabRule.ALLOWED:
        found.append(Told("globe", "No other pages or programs", "Going to another window is written to the log."))
    if lock.clipboard is not Clipboard.ALLOWED:
        text = "You can copy inside the exam." if lock.clipboard is Clipboard.INTERNAL else "Copy and paste are off."
        found.append(Told("copy", "No text in or out", text))
    return found


def _seen_by(policy: Policy) -> Told:
    who = "Invigilators can see you while you work. " if policy.live.mode is LiveMode.LIVE else ""
    text = f"{who}Only people who invigilate or review this exam see the recording. A person decides, not a program."
    return Told("users", "Who sees it", text)


def _connection(policy: Policy) -> Told:
    window_s = policy.conn.reconnect_window_s
    within = f"{window_s // 60} minutes" if window_s % 60 == 0 else f"{window_s} seconds"
    within = "1 minute" if window_s == 60 else within
    after = {
        OnWindowExpired.STOP: "After that the exam stops and you check in again.",
        OnWindowExpired.PAUSE: "After that the exam is paused until an invigilator resumes it.",
        OnWindowExpired.CONTINUE_FLAGGED: "After that you can still go on; it is written to the log.",
    }[policy.conn.on_window_expired]
    text = f"Your answers stay on this computer. You have {within} to come back. {after}"
    return Told("wifi", "If your connection is lost", text)


def _breaks(policy: Policy) -> Told:
    if policy.live.mode is LiveMode.LIVE and policy.live.allow_interrupt:
        return Told("coffee", "Breaks", "Ask an invigilator. The clock stops only when they pause your exam.")
    return Told("coffee", "Breaks", "No break is planned; the clock does not stop.", on=False)
