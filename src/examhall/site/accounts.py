"""How accounts come to be (by an administrator or an import, never by signing up), and what of sign-in is noted."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

from examhall.base.settings import settings
from examhall.people.access import actor_for_user
from examhall.people.actions.letter import send_reset
from examhall.people.actions.people import set_password
from examhall.people.actions.signing import note_sign_in_failed, note_signed_in, note_signed_out
from examhall.people.http.actor import actor_of, client_ip

_MISMATCH = "This name and this password do not go together. Check both, with capital letters, and try again."


class ClosedAccounts(DefaultAccountAdapter):  # type: ignore[misc] # allauth is untyped
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _MISMATCH,
        "email_password_mismatch": _MISMATCH,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **told: Any) -> HttpResponse:  # noqa: ANN401 - allauth's
        note_signed_in(by=actor_for_user(_id(user), ip=client_ip(request)))
        response: HttpResponse = super().post_login(request, user, **told)
        return response

    def logout(self, request: HttpRequest) -> None:
        by = actor_of(request)
        super().logout(request)
        note_signed_out(by=by)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401 - allauth's
        note_sign_in_failed(credentials.get("username") or credentials.get("email") or "", ip=client_ip(request))

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        set_password(_id(user), password=password, by=actor_for_user(_id(user), ip=_ip(self.request)))
        user.refresh_from_db(fields=["password"])  # allauth goes on with this row: the session is bound to the new hash

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """A worker writes it, to the address we know: the page answers as fast for an account as for none."""
        if settings().sends_mail:
            send_reset(_id(user))


def _ip(request: HttpRequest | None) -> str:
    return client_ip(request) if request is not None else ""


def _id(user: AbstractBaseUser) -> UUID:
    return UUID(str(user.pk))
