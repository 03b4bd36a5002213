"""Writing to a person with a link under which they choose a password."""

from smtplib import SMTPException
from uuid import UUID

from django.conf import settings as django_settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from examhall.base.errors import NotFound
from examhall.base.queue import job
from examhall.base.settings import settings
from examhall.people.actions.letter import LETTER, Letter
from examhall.people.reads.password import password_link
from examhall.people.reads.people import person

_SUBJECTS = {Letter.INVITATION: "Your account for examinations", Letter.RESET: "Choose a new password"}


@job(LETTER, again_on=(SMTPException, OSError))
def write(user: str, letter: str) -> None:
    """Send it, again later while the mail server does not take it.

    A second run sends a second letter whose link works as well. Nobody to write to is no fault.
    """
    if not settings().sends_mail:
        return
    try:
        to, link = person(UUID(user)), password_link(UUID(user))
    except NotFound:
        return
    if not to.email:
        return
    told = {
        "person": to,
        "link": link,
        "site": settings().public_url,
        "days": django_settings.PASSWORD_RESET_TIMEOUT // 86400,
        "support_contact": settings().support_contact,
    }
    text = render_to_string(f"people/mail/{Letter(letter).value}.txt", told)
    send_mail(_SUBJECTS[Letter(letter)], text, settings().mail_from or None, [to.email])
