"""What would change if a schedule were scheduled again."""

from dataclasses import dataclass

from examhall.exam.rules.policy import Value
from examhall.exam.rules.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Difference:
    """One key whose value is not the frozen one any more."""

    key: str
    frozen: Value | None
    newer: Value | None


def differences(frozen: Snapshot, newer: Snapshot) -> list[Difference]:
    """What would change if the schedule were scheduled again, in the product's order."""
    found: list[Difference] = []
    for key in [*newer.settings, *(key for key in frozen.settings if key not in newer.settings)]:
        before, now = frozen.settings.get(key), newer.settings.get(key)
        if before is None or now is None or before.value != now.value:
            found.append(Difference(key, before.value if before else None, now.value if now else None))
    return found
