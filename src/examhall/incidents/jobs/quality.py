"""`examhall quality`: labelled clips through the exam's own detectors and rules, the figures, a page and the floors."""

import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import Leniency
from examhall.incidents.jobs.analyse_files import CLIP_TYPES, analyse
from examhall.incidents.rules.levels import rule_set
from examhall.incidents.rules.quality import (
    FEWEST_INCIDENTS,
    MOST_APART,
    TYPES,
    Balance,
    Figures,
    Group,
    Quality,
    measure,
    truth_of,
)

_SLACK = 1e-9


class Floor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run at one policy may not fall below; the committed promise."""

    f1: dict[str, float] = {}
    """Per type, or "all": at least."""
    false_alarms_per_clean_hour: float | None = None
    """At most."""
    cpu_s_per_minute: float | None = None
    """At most; left out where the machine is not known."""
    balanced_recall_gap: float | None = None
    """At most, between the values of any group."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run over labelled clips."""

    policy: Leniency
    quality: Quality
    cpu_s_per_minute: float
    off: Mapping[str, str]
    """Kinds that could not be looked for, and why."""


def run(clips: Path, truth: Path, *, policy: Leniency, models_folder: Path) -> Measured:
    """Analyse each clip the labels name. Raises BadInput when labels or a clip are missing or unreadable."""
    try:
        labels = truth_of(truth.read_bytes())
    except FileNotFoundError as error:
        raise BadInput(f"{truth} does not exist.", fields={"truth": "name a truth.json"}) from error
    began_s = time.process_time()
    analysis = analyse([clips / clip.clip for clip in labels.clips], policy=policy, models_folder=models_folder)
    spent_s = time.process_time() - began_s
    quality = measure(labels, analysis.predictions, needed_s=_needed_s(policy))
    minutes = quality.everything.seconds / 60
    off = {kind.value: reason for kind, reason in analysis.off.items()}
    return Measured(policy, quality, spent_s / minutes if minutes else 0.0, off)


def floors(file: Path) -> Mapping[str, Floor]:
    """By policy. Raises BadInput naming the field that is wrong."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(content, dict[str, Floor])
    except FileNotFoundError as error:
        raise BadInput(f"{file} does not exist.", fields={"floor": "name a TOML file"}) from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"{file.name}: {error}", fields={"floor": "see docs/quality"}) from error


def below(measured: Measured, floor: Floor) -> list[str]:
    """One sentence for each figure that misses its floor."""
    group = measured.quality.everything
    known: dict[str, Figures] = {**group.types, "all": group.total}
    if odd := sorted(floor.f1.keys() - known.keys()):
        raise BadInput(f"{odd[0]} is no type of incident.", fields={"floor.f1": f"use all, {', '.join(TYPES)}"})
    out = [
        f"F1 of {name} is {known[name].f1 or 0.0:.3f}, the floor {least:.3f}"
        for name, least in floor.f1.items()
        if (known[name].f1 or 0.0) < least - _SLACK
    ]
    gap = max((one.gap for one in measured.quality.balances.values()), default=None)
    most = (
        ("false alarms per clean hour", group.per_clean_hour(group.total), floor.false_alarms_per_clean_hour),
        ("CPU seconds per minute", measured.cpu_s_per_minute, floor.cpu_s_per_minute),
        ("the gap of balanced recall", gap, floor.balanced_recall_gap),
    )
    out += [
        f"{name}: {value:.2f}, at most {limit:.2f} are allowed"
        for name, value, limit in most
        if value is not None and limit is not None and value > limit + _SLACK
    ]
    return out


def page(measured: Measured, *, source: str) -> str:
    """The figures as a Markdown page, also where they miss."""
    group = measured.quality.everything
    lines = [
        f"# Quality at {measured.policy.value}",
        "",
        f"Measured by `examhall quality` on {group.clips} labelled clips of {source}: "
        f"{group.seconds / 60:.1f} minutes, "
        f"{group.clean_seconds / 60:.1f} of them clean; {measured.cpu_s_per_minute:.1f} CPU seconds per minute.",
        "",
        *(_table(group)),
    ]
    for name, why in measured.off.items():
        lines += ["", f"Not looked for: {name} ({why})."]
    if measured.quality.groups:
        lines += ["", "## By group", "", *_group_table(measured.quality)]
    for name, balance in measured.quality.balances.items():
        lines += ["", *_compared(name, balance)]
    return "\n".join(lines) + "\n"


def _needed_s(policy: Leniency) -> dict[str, float]:
    """By type: the shortest stretch any kind of it asks for."""
    out: dict[str, float] = {}
    for kind, rule in rule_set(policy).rules.items():
        if kind in CLIP_TYPES:
            name = CLIP_TYPES[kind]
            out[name] = min(out.get(name, rule.min_s), rule.min_s)
    return out


def _group_table(quality: Quality) -> Iterator[str]:
    yield "| group | clips | incidents | recall | balanced recall | false alarms |"
    yield "|---|---|---|---|---|---|"
    for key, part in quality.groups.items():
        name, _, value = key.partition(": ")
        balance = quality.balances.get(name)
        balanced = balance.recalls.get(value) if balance else None
        total = part.total
        cells = (key, part.clips, total.incidents, _number(total.recall), _number(balanced), total.false_alarms)
        yield f"| {' | '.join(map(str, cells))} |"


def _compared(name: str, balance: Balance) -> Iterator[str]:
    """Whom the analysis serves worse, by how much, and whether that can be said at all."""
    title = name.capitalize()
    if not balance.types:
        yield f"{title}: nothing to compare, no type of incident occurs in every group."
        return
    gap = balance.gap
    verdict = "more than" if gap > MOST_APART + _SLACK else "not more than"
    apart = f" between {balance.best} ({balance.recalls[balance.best]:.3f}) and {balance.worst}"
    apart += f" ({balance.recalls[balance.worst]:.3f})"
    yield (
        f"{title}: balanced recall differs by {gap:.3f} at most{apart if gap else ''}, {verdict} the {MOST_APART} "
        f"aimed at, over {', '.join(balance.types)}."
    )
    if balance.few:
        counts = ", ".join(f"{value} has {count}" for value, count in balance.few.items())
        yield (
            f"Too few to say: {counts} incidents of these types; below {FEWEST_INCIDENTS} one incident more or less "
            f"moves a recall by more than {MOST_APART}."
        )


def _table(group: Group) -> Iterator[str]:
    heads: tuple[str, ...] = ("type", "incidents", "found", "false alarms", "precision", "recall", "F1")
    heads += ("false alarms per clean hour", "median delay from the beginning, s", "behind the shortest stretch, s")
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for name, figures in [*group.types.items(), ("all", group.total)]:
        cells = (
            name,
            str(figures.incidents),
            str(figures.found),
            str(figures.false_alarms),
            _number(figures.precision),
            _number(figures.recall),
            _number(figures.f1),
            _number(group.per_clean_hour(figures), 1),
            _number(figures.median_delay_s, 1),
            _number(figures.median_late_s, 1),
        )
        yield f"| {' | '.join(cells)} |"


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
