"""`python -m bench.hard OUT`: compose hard labelled clips, or hours of clean ones, for `examhall quality`.

`--people DIR` takes them from a folder: stills and short films of people, `phone.png` (with transparency), and sounds
such as `speech_1.wav`, `typing_1.wav`, `cough_1.wav`. `labels.toml` there tells skin tone and glasses by
file name. Without the folder: drawn people without sound.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.hard import sounds, traps
from bench.hard.base import Base, Drawn
from bench.hard.cases import CASES, FACIAL, with_phone
from bench.hard.cases_people import PEOPLE
from bench.hard.clips import Case, compose
from bench.hard.people import Cast, people
from bench.hard.soak import quiet_exam
from bench.hard.sounds import Sound
from examhall.incidents import store
from examhall.incidents.rules.quality import Clip, Truth


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.hard", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--people", type=Path)
    parser.add_argument("--models", type=Path, default=store.DEFAULT_FOLDER)
    parser.add_argument("--only", nargs="*", default=[], help="names of cases")
    parser.add_argument("--each", type=int, default=2, help="how many people play each case")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="clean exams of ten minutes instead of the cases")
    parser.add_argument("--fps", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    played, known = _plan(options)
    clips: list[Clip] = []
    for place, (base, case, mark) in enumerate(played):
        seed = options.seed * 1000 + place
        made = compose(options.out, base, [case], fps=options.fps, seed=seed, known=known, mark=mark)
        clips += made.clips
        truth = msgspec.json.encode(Truth(tuple(clips)))
        (options.out / "truth.json").write_bytes(msgspec.json.format(truth, indent=1))
    print(f"{len(clips)} clips, {sum(clip.duration_s for clip in clips) / 60:.1f} minutes")


def _plan(
    options: argparse.Namespace,
) -> tuple[Sequence[tuple[Base, Case, str]], Mapping[str, Sequence[Sound]] | None]:
    """Who plays which case. People take turns, so that each meets other traps and other rooms."""
    bases, known = _bases(options)
    thing = traps.real_phone(options.people) if options.people else None
    cases = [*CASES, *PEOPLE, *(with_phone(thing) if thing else ())]
    if options.only:
        cases = [case for case in cases if case.name in options.only]
    if options.soak:
        count = max(1, round(options.soak / 10))
        exams = [quiet_exam(options.seed * 100 + at) for at in range(count)]
        return [(*bases[at % len(bases)][:1], exam, f"_{at:03}") for at, exam in enumerate(exams)], known
    played = []
    for place, case in enumerate(cases):
        posed = case.wanted == FACIAL or (case.worn is not None and known is not None)
        able = [one for one in bases if one[0].turns or not posed]
        for turn in range(min(options.each, len(able))):
            base, name = able[(place * 3 + turn * 4 + options.seed) % len(able)]
            played.append((base, case, f"_{name}"))
    return played, known


def _bases(options: argparse.Namespace) -> tuple[Sequence[tuple[Base, str]], Mapping[str, Sequence[Sound]] | None]:
    if options.people is None:
        return [(Drawn(person), f"drawn{person}") for person in range(5)], None
    cast = people(options.people, store.load(options.models))
    bases: list[tuple[Base, str]] = []
    for at, person in enumerate(cast):
        others = [one for one in cast if one.name != person.name]
        where = person if at % 2 == 0 or person.fills_the_picture else others[at % len(others)]
        bases.append((Cast(person, others[(at * 2) % len(others)], where), f"{person.name}_{at}"))
    return bases, sounds.recordings(options.people)


if __name__ == "__main__":
    main()
