"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id (RFC 9106) with 19 MiB, two passes, one lane: OWASP's password storage cheat sheet.

    A cohort signs in within a minute. Django's PBKDF2 takes ten times the processor for each of them, and Django's own
    setting of Argon2 100 MiB, which forty people at once would take forty times.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
