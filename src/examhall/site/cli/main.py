"""Parsing of `examhall …` and the way to each command. A command's module is imported when it is the one asked for,
because most need Django set up first and some must not touch the database at all."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import django

from examhall.base.errors import ExamhallError
from examhall.base.settings import settings


@dataclass(frozen=True, slots=True)
class Command:
    """A module of this package by the command's name, with `arguments(parser)` and `run(options) -> int`."""

    name: str
    meaning: str
    needs_django: bool = True


COMMANDS = (
    Command("serve", "Open the doors: pages, live door and the worker", needs_django=False),
    Command("worker", "Run queued jobs"),
    Command("migrate", "Create or update the database and the installation's own rows"),
    Command("activate-proctoring", "Let assessments of this installation use proctoring"),
    Command("detectors", "Switch detectors off and on, in running exams too"),
    Command("fairness", "Say whether detectors are wrong more often for some people than for others"),
    Command("account", "Add accounts, set passwords, give roles"),
    Command("unit", "Add units of the organisation"),
    Command("doctor", "Check the installation and say how to mend each finding"),
    Command("demo", "Open a demonstration with an exam that runs"),
    Command("simulate", "Let simulated candidates sit an exam", needs_django=False),
    Command("models", "Install or examine the detectors' models", needs_django=False),
    Command("analyse", "Analyse media files from disk with the exam's own detectors and rules", needs_django=False),
    Command("quality", "Measure the analysis on labelled clips and hold it against floors"),
    Command("export-media", "Write an attempt's recording into one playable file"),
    Command("verify", "Check journals and recordings against their hashes"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (2: an error the person can mend)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examhall.site.settings_django")
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["demo"]:
        os.environ.setdefault("EXAMHALL_DEMO", "true")
    parser = argparse.ArgumentParser(prog="examhall", description="Self-hosted proctored exams")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked: Any = None
    try:
        for command in COMMANDS:
            sub = commands.add_parser(command.name, help=command.meaning, description=command.meaning)
            if words[:1] == [command.name]:
                asked = _module(command)
                asked.arguments(sub)
        options = parser.parse_args(words)
        return int(asked.run(options))
    except ExamhallError as error:
        print(f"examhall {words[0]}: {error.message}", file=sys.stderr)
        return 2
    except OSError as error:  # a folder instead of a file, one that may not be read, a full disk
        if error.filename is None:
            raise
        print(f"examhall {words[0]}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2


def _module(command: Command) -> ModuleType:
    if command.needs_django:
        settings().var_dir.mkdir(parents=True, exist_ok=True)
        django.setup()
    return importlib.import_module(f"examhall.site.cli.{command.name.replace('-', '_')}")
