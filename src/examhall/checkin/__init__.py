"""Before the exam: system check, notice and agreement."""
