"""Who acts when a command is run."""

import getpass

from examhall.people.rules.actor import Actor


def operator() -> Actor:
    return Actor(user_id=None, name=f"{getpass.getuser()} (command line)", role="system")
