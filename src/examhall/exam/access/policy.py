"""The frozen policy of an activation, and what it is for one candidate."""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from examhall.base.words import Accommodation
from examhall.exam.models import Activation
from examhall.exam.rules.accommodation import relaxed
from examhall.exam.rules.policy import Policy
from examhall.exam.rules.snapshot import policy_of, thaw


@lru_cache(maxsize=256)
def policy_of_activation(activation_id: UUID) -> Policy:
    """The typed policy. Kept, because an activation is immutable (P5)."""
    frozen = Activation.objects.values_list("policy", flat=True).get(id=activation_id)
    return policy_of(thaw(frozen))


def policies_of(activation_ids: Collection[UUID]) -> dict[UUID, Policy]:
    """The same of many; one query."""
    rows = Activation.objects.filter(id__in=set(activation_ids)).values_list("id", "policy")
    return {activation_id: policy_of(thaw(frozen)) for activation_id, frozen in rows}


def policy_for(activation_id: UUID, accommodations: Collection[Accommodation]) -> Policy:
    """The same without the locks that this candidate's accommodations lift."""
    return relaxed(policy_of_activation(activation_id), accommodations)
