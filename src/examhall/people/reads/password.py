"""Who has no password yet, and the link under which one is chosen."""

from collections.abc import Collection
from uuid import UUID

from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q
from django.urls import reverse

from examhall.base.errors import NotFound
from examhall.base.settings import settings
from examhall.people.models import User
from examhall.people.reads.people import Person, person_of

_NO_PASSWORD = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def password_link(user_id: UUID) -> str:
    """An address that works until a password is chosen or it gets too old. Raises NotFound."""
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        raise NotFound("There is no such account, or it is closed.")
    token = PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})
    return settings().public_url.rstrip("/") + path


def without_password(user_ids: Collection[UUID] | None = None) -> list[Person]:
    """Active accounts (all, or those of `user_ids`) that nobody can sign in with yet, by login."""
    found = User.objects.filter(_NO_PASSWORD, is_active=True)
    if user_ids is not None:
        found = found.filter(id__in=user_ids)
    return [person_of(user) for user in found.order_by("username")]


def staff_can_sign_in() -> bool:
    """Whether some account with a role has a password."""
    return User.objects.filter(is_active=True, memberships__isnull=False).exclude(_NO_PASSWORD).exists()
