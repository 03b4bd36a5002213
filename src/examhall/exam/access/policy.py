"""The frozen policy of an activation."""

from functools import lru_cache
from uuid import UUID

from examhall.exam.models import Activation
from examhall.exam.rules.policy import Policy, policy_of, thaw


@lru_cache(maxsize=256)
def policy_of_activation(activation_id: UUID) -> Policy:
    """The typed policy. Kept, because an activation is immutable (P5)."""
    frozen = Activation.objects.values_list("policy", flat=True).get(id=activation_id)
    return policy_of(thaw(frozen))
