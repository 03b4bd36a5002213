"""The rules of a policy: what was agreed, what another preset makes of it, and what is off for one session."""

from collections.abc import Mapping

from msgspec import structs

from examhall.base.words import IncidentKind, Leniency, Suppression
from examhall.exam.rules.lengths import AS_LEVEL
from examhall.exam.rules.limits import Limit
from examhall.exam.rules.policy import Policy
from examhall.incidents.rules.levels import FOLDED_KINDS, RuleSet, rule_set
from examhall.incidents.rules.reanalysis import levels_at


def agreed_rules(
    policy: Policy,
    leniency: Leniency | None = None,
    *,
    off: Mapping[IncidentKind, Suppression] | None = None,
    expected_people: int = 1,
) -> RuleSet:
    """leniency: the levels of this preset instead of the agreed ones; agreed lengths and limits stay in any case."""
    chosen = policy.detect if leniency is None else levels_at(policy.detect, leniency)
    return rule_set(
        policy.leniency,
        detect={kind.value: level.value for kind, level in chosen.items() if kind in FOLDED_KINDS},
        off=off,
        shortest_s={kind.value: length for kind, length in policy.shortest_s.items() if length != AS_LEVEL},
        limits={Limit(name): at for name, at in structs.asdict(policy.limit).items() if at != AS_LEVEL},
        expected_people=expected_people,
        notes_allowed=policy.allow.paper,
        sites_allowed=bool(policy.allow.sites),
    )
