"""Making the Actor of a request."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Q

from examhall.base import clock
from examhall.base.errors import NotAllowed, NotSignedIn
from examhall.base.words import Permission
from examhall.people.models import Membership, User
from examhall.people.rules.actor import Actor, Grant

_assigned: list[Callable[[UUID], bool]] = []


def also_staff(is_assigned: Callable[[UUID], bool]) -> None:
    """Set who is staff without any membership: those a higher wing has given something to do (site/start.py)."""
    _assigned[:] = [is_assigned]


def actor_for_user(user_id: UUID, *, ip: str = "") -> Actor:
    """The Actor of an active account with the grants that are valid now. Raises NotSignedIn when there is none."""
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        raise NotSignedIn("Your account is not active. Ask your exam office.")
    now = clock.now()
    valid = Q(valid_from__isnull=True) | Q(valid_from__lte=now)
    valid &= Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    memberships = Membership.objects.filter(valid, user_id=user_id).select_related("role")
    grants = tuple(
        Grant(m.unit_id, frozenset(Permission(p) for p in m.role.permissions if p in _KNOWN)) for m in memberships
    )
    is_staff = bool(grants) or any(is_assigned(user.id) for is_assigned in _assigned)
    role = "staff" if is_staff else "candidate"
    return Actor(user_id=user.id, name=user.get_full_name(), role=role, ip=ip, grants=grants)


_KNOWN = frozenset(p.value for p in Permission)


def required(actor: Actor, permission: Permission, unit_path: tuple[UUID, ...]) -> None:
    """Raise NotAllowed, saying who can allow it, unless `actor` may."""
    if not actor.may(permission, unit_path):
        raise NotAllowed(
            f"This needs the permission {permission.value}. An administrator of your unit can grant it.",
            fields={"permission": permission.value},
        )
