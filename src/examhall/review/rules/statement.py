"""What a candidate says about their own session."""

from examhall.base.errors import BadInput

STATEMENT_MAX = 4000


def given_statement(text: str) -> str:
    """Their words, trimmed and never cut short. Raises BadInput naming `text` when there are none or too many."""
    said = text.strip()
    if not 0 < len(said) <= STATEMENT_MAX:
        raise BadInput(
            f"This is {len(said)} characters long." if said else "The explanation is empty.",
            fields={"text": f"Write what the candidate said, in 1 to {STATEMENT_MAX} characters."},
        )
    return said
