"""`examhall doctor`."""

import argparse

from examhall.site.doctor import examine


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="also fail on findings that only need attention")


def run(options: argparse.Namespace) -> int:
    """Print each finding and how to mend it; exit status 1 when an exam could not be taken."""
    bad = 0
    for finding in examine():
        sign = "ok  " if finding.well else ("FIX " if finding.grave else "note")
        print(f"{sign} {finding.what}: {finding.found}")
        if not finding.well:
            print(f"     {finding.mend}")
            bad += finding.grave or options.strict
    return 1 if bad else 0
