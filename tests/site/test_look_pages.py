"""The pages of the frame itself: sign-in, account pages, trouble pages."""

from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse


@pytest.mark.django_db
def test_the_sign_in_form_is_the_filled_way_without_a_university_account() -> None:
    """look/README §8: sign-in has one filled way."""
    page = Client().get(reverse("account_login")).content.decode()
    assert page.count("primary") == 1
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "Sitting an exam today?" in page


def test_a_wrong_password_is_told_in_words_and_the_name_is_kept(root: UUID) -> None:
    """look/README §4: error in words with an icon."""
    page = Client().post(reverse("account_login"), {"login": "4410-1271", "password": "wrong"}).content.decode()
    assert 'role="alert"' in page
    assert "do not go together" in page
    assert 'value="4410-1271"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["account_login", "account_reset_password", "account_reset_password_done", "account_signup"]
)
def test_account_pages_have_one_heading_and_our_frame(name: str) -> None:
    """look/README §8: account pages stand in the frame of sign-in."""
    page = Client().get(reverse(name)).content.decode()
    assert page.count("<h1>") == 1
    assert 'class="signin"' in page
    assert 'href="#main"' in page


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("403.html", "403"),
        ("403_csrf.html", "403"),
        ("404.html", "404"),
        ("500.html", "500"),
        ("503.html", "503"),
        ("error.html", "error"),
    ],
)
def test_trouble_pages_say_cause_way_on_contact_and_code_without_any_context(template: str, code: str) -> None:
    """product.md §7: error with cause, retry and contact; Django gives 500 no context at all."""
    page = render_to_string(template)
    assert page.count("<h1>") == 1
    assert page.count("btn primary") == 1
    assert "Your examination office can help." in page
    assert code in page.partition("Code <code>")[2].partition("</code>")[0]
