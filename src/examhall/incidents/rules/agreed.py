"""The rules of a policy: what was agreed, and what another preset makes of it."""

from examhall.base.words import Leniency
from examhall.exam.rules.lengths import AS_LEVEL_S
from examhall.exam.rules.policy import Policy
from examhall.incidents.rules.levels import FOLDED_KINDS, RuleSet, rule_set
from examhall.incidents.rules.reanalysis import levels_at


def agreed_rules(policy: Policy, leniency: Leniency | None = None) -> RuleSet:
    """leniency: the levels of this preset instead of the agreed ones; lengths that were agreed stay in any case."""
    chosen = policy.detect if leniency is None else levels_at(policy.detect, leniency)
    return rule_set(
        policy.leniency,
        detect={kind.value: level.value for kind, level in chosen.items() if kind in FOLDED_KINDS},
        shortest_s={kind.value: length for kind, length in policy.shortest_s.items() if length != AS_LEVEL_S},
    )
