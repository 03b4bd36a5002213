"""People watching and acting while an exam runs."""
