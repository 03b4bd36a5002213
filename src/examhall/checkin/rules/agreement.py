"""The agreement a candidate accepts: made from the frozen policy, so it cannot change after scheduling (R-0.21, P5)."""

import hashlib
from dataclasses import dataclass

from examhall.base.errors import BadInput, Conflict
from examhall.base.words import IncidentKind
from examhall.exam.rules.policy import FullScreen, Level, Policy
from examhall.incidents.rules.baseline import looks_asked

__all__ = ["MAX_NAME", "VERSION", "AgreementText", "agreement_of", "ensure_same_text", "signed_name"]

VERSION = 3
"""Raised whenever a sentence below changes; it is part of the text, so the hash changes with it."""

MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class AgreementText:
    title: str
    paragraphs: tuple[str, ...]
    version: int
    sha256: str
    """Of the plain text as downloaded."""

    def plain(self) -> str:
        return _plain(self.title, self.paragraphs)


def agreement_of(policy: Policy, *, exam: str, contact: str) -> AgreementText:
    """The text for one exam. `contact`: who answers questions, empty when the installation names nobody."""
    title = f"Agreement for {exam}"
    paragraphs = (
        f"This is version {VERSION} of the agreement. By typing your name you say that you take this exam yourself, "
        "alone, and only with the aids your exam office allows.",
        _recording(policy),
        _watching(policy),
        _comparing(policy),
        _looks(policy),
        _reading(policy),
        "The recording and the log are seen only by people who invigilate or review this exam. A person, never a "
        "program, decides whether something you did matters. You may see what was marked and answer it.",
        "If your connection is lost, your answers stay on this computer and are sent when it is back.",
        "You may decline. Then nothing is recorded and the exam does not start. Your exam office can offer you "
        f"another way to take it.{f' Contact: {contact}.' if contact else ''}",
    )
    kept = tuple(paragraph for paragraph in paragraphs if paragraph)
    return AgreementText(title, kept, VERSION, hashlib.sha256(_plain(title, kept).encode()).hexdigest())


def ensure_same_text(agreement: AgreementText, sha256: str) -> None:
    """Raise Conflict when what was shown is not what stands now."""
    if agreement.sha256 != sha256:
        raise Conflict("The agreement you read is not the current one. Reload the page and read it again.")


def signed_name(typed: str) -> str:
    """The name as signed. Raises BadInput naming the field when no letter of any script stands in it, or too much.

    It is not compared with the registered name: who signs may write theirs as they do elsewhere.
    """
    name = " ".join(typed.split())
    if not any(map(str.isalpha, name)):
        raise BadInput("Type your name to accept the agreement.", fields={"typed_name": "type your name"})
    if len(name) > MAX_NAME:
        raise BadInput("The name is too long.", fields={"typed_name": f"use at most {MAX_NAME} characters"})
    return name


def _plain(title: str, paragraphs: tuple[str, ...]) -> str:
    return "\n\n".join((title, *paragraphs)) + "\n"


def _recording(policy: Policy) -> str:
    record = policy.record
    parts = [word for word, on in (("camera", record.video), ("sound", record.audio), ("screen", record.screen)) if on]
    if not parts:
        return "Nothing is recorded by camera, microphone or screen."
    return f"From the moment you accept this agreement until you hand in, these are recorded: {_listed(parts)}."


def _watching(policy: Policy) -> str:
    lock = policy.lock
    rules = []
    if lock.full_screen is not FullScreen.OFF:
        rules.append("stay in full screen")
    if lock.one_screen:
        rules.append("use one screen only")
    if lock.tabs != "allowed":
        rules.append("not open other pages or programs")
    if lock.clipboard != "allowed":
        rules.append("not copy text in or out of the exam")
    return (
        f"During the exam you {_listed(rules)}. When something else happens, it is written to the log." if rules else ""
    )


def _comparing(policy: Policy) -> str:
    """Product.md §11.1: a face may be compared only with the candidate's own, with consent and another way."""
    if not policy.record.video or policy.detect.get(IncidentKind.IDENTITY_CHANGE, Level.OFF) is Level.OFF:
        return ""
    return (
        "A program compares your face during the exam with your face at the system check or at the exam's beginning, "
        "and with no other. What it measures is deleted when the exam has been analysed. If you do not want this, ask "
        "your exam office before you accept: they can have a person check instead."
    )


def _looks(policy: Policy) -> str:
    """The pictures of the system check leave the computer only when this is accepted."""
    if not looks_asked(policy, ()):
        return ""
    return (
        "If you took pictures of yourself at the system check, they are sent when you accept and kept with the "
        "recording. They show how you sit and look when you face your screen, so that you are compared with yourself "
        "and nobody else. Leaving them out has no consequence."
    )


def _reading(policy: Policy) -> str:
    words = policy.screen.listed_words or policy.screen.expected_words
    off = policy.detect.get(IncidentKind.OTHER_CONTENT, Level.OFF) is Level.OFF
    if not policy.record.screen or off or not words:
        return ""
    return (
        "A program looks for words on your recorded screen that were listed for this exam. Nothing else that it reads "
        "is kept."
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
