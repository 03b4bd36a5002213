"""Why somebody did something: part of every act a person answers for."""

from examhall.base.errors import BadInput

REASON_MAX = 500


def given_reason(text: str, *, message: str = "A reason is needed.", remedy: str = "Say why.") -> str:
    """The reason, trimmed and never cut short. Raises BadInput naming `reason` when it is empty or too long."""
    said = text.strip()
    if not 0 < len(said) <= REASON_MAX:
        wrong = f"The reason is too long: at most {REASON_MAX} characters." if said else message
        raise BadInput(wrong, fields={"reason": f"{remedy} 1 to {REASON_MAX} characters."})
    return said
