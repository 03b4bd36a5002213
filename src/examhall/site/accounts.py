"""How accounts come to be: by an administrator or an import, never by signing up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

_MISMATCH = "This name and this password do not go together. Check both, with capital letters, and try again."


class ClosedAccounts(DefaultAccountAdapter):  # type: ignore[misc] # allauth is untyped
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _MISMATCH,
        "email_password_mismatch": _MISMATCH,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
