"""Who acts: made once per request, carried through every action, kept in the journal."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from examhall.base.words import Permission


@dataclass(frozen=True, slots=True)
class Grant:
    """The permissions a membership gives on one unit and everything below it (S1)."""

    unit: UUID
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """`role` is the word the journal keeps: candidate, staff or system."""

    user_id: UUID | None
    name: str
    role: str
    ip: str = ""
    grants: tuple[Grant, ...] = ()

    def may(self, permission: Permission, unit_path: Collection[UUID]) -> bool:
        """Whether a membership grants `permission` on the unit whose path from the root is `unit_path` (S1, S7)."""
        return any(permission in grant.permissions and grant.unit in unit_path for grant in self.grants)

    def may_anywhere(self, permission: Permission) -> bool:
        """Whether some unit grants `permission`; for menus, never for access to a thing."""
        return any(permission in grant.permissions for grant in self.grants)


SYSTEM = Actor(user_id=None, name="system", role="system")
