"""Who is asking."""

from examhall.people.access.actor import actor_for_user, also_staff, required

__all__ = ["actor_for_user", "also_staff", "required"]
