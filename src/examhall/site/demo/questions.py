"""The questions of the demonstration exam: all five kinds, written for it."""

from examhall.base.words import InteractionKind as Kind
from examhall.exam.rules.qti_form import Choice, ItemForm


def _one(title: str, prompt: str, right: str, *wrong: str) -> ItemForm:
    choices = (Choice(wrong[0], False), Choice(right, True), *(Choice(text, False) for text in wrong[1:]))
    return ItemForm(kind=Kind.SINGLE_CHOICE, title=title, prompt=prompt, choices=choices)


QUESTIONS: tuple[ItemForm, ...] = (
    _one(
        "Delay of a blood thinner",
        "Warfarin is started in a 71-year-old woman with a new deep vein thrombosis. The dose is right from the first"
        " day, yet her INR reaches the target range only on day five.\n\nWhich statement best explains the delay?",
        "It stops the making of new clotting factors; those already in the blood must first decay.",
        "It blocks absorption of vitamin K in the small intestine.",
        "It binds antithrombin, whose effect takes several days to build up.",
        "It is a pro-drug that is activated slowly in fatty tissue.",
    ),
    ItemForm(
        kind=Kind.MULTIPLE_CHOICE,
        title="Beta blockers",
        prompt="Which of these are expected effects of a beta blocker?\n\nChoose all that apply.",
        points="2",
        choices=(
            Choice("A slower heart rate", True),
            Choice("A lower blood pressure", True),
            Choice("Wider airways", False),
            Choice("A stronger heart beat", False),
        ),
    ),
    ItemForm(
        kind=Kind.NUMBER,
        title="Dose by weight",
        prompt="A child of 18 kg is given 15 mg of a medicine for each kilogram of body weight.\n\n"
        "How many milligrams are given?",
        number="270",
        tolerance="0",
    ),
    ItemForm(
        kind=Kind.SHORT_TEXT,
        title="Antidote",
        prompt="Name the antidote that is given after an overdose of paracetamol.",
        answers=("acetylcysteine", "N-acetylcysteine", "NAC"),
    ),
    ItemForm(
        kind=Kind.ESSAY,
        title="Talking with a patient",
        prompt="A patient wants to stop her tablets because she feels well.\n\n"
        "Explain in your own words what you would ask her, and what you would tell her.",
        points="6",
        lines=10,
    ),
    _one(
        "Half-life",
        "A medicine has a half-life of six hours.\n\nWhich share of it is left after one day?",
        "One sixteenth",
        "One quarter",
        "One eighth",
        "One half",
    ),
    ItemForm(
        kind=Kind.NUMBER,
        title="Infusion rate",
        prompt="500 ml are to run in over 4 hours.\n\nAt how many millilitres an hour is the pump set?",
        number="125",
        tolerance="0.5",
    ),
    _one(
        "Kidney function",
        "Which medicine most needs a lower dose when the kidneys work badly?",
        "Gentamicin",
        "Paracetamol",
        "Amlodipine",
        "Omeprazole",
    ),
)
