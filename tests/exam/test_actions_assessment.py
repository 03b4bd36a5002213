"""Authoring: options, questions, packages, versions."""

from uuid import UUID

import msgspec
import pytest

from examhall.base.clock import SetClock
from examhall.base.errors import BadInput, Conflict, NotFound, TooLarge
from examhall.base.words import InteractionKind
from examhall.exam.actions.assessment import (
    Options,
    create_assessment,
    draw_up_version,
    edit_assessment,
    make_live,
    remove_question,
)
from examhall.exam.actions.items import create_item, import_package
from examhall.exam.models import ItemKey, ItemVersion
from examhall.exam.reads.assessment import assessment_page, assessments
from examhall.exam.rules.qti.key import ItemKey as Key
from examhall.exam.rules.scoring import score
from tests.exam import build_content as build
from tests.exam import qti_samples as samples
from tests.exam.build_content import Faculty

pytestmark = pytest.mark.django_db

ORDERING = samples.item(
    '<qti-response-declaration identifier="RESPONSE" cardinality="ordered" base-type="identifier"/>',
    '<qti-order-interaction response-identifier="RESPONSE"/>',
    title="Put in order",
    identifier="order-1",
)


@pytest.fixture
def at(clock: SetClock, root: UUID) -> Faculty:
    return build.faculty(root)


@pytest.fixture
def draft(at: Faculty) -> UUID:
    return create_assessment(at.unit, code="A-1", title="Draft", options=Options(), by=at.author)


def test_481_minutes_with_proctoring_are_refused_at_the_field_and_480_saves(at: Faculty, draft: UUID) -> None:
    """R-0.26: 481 with proctoring is an error at the field; ticking it on a saved 481 is the same error."""
    edit_assessment(draft, title="Draft", options=Options(duration_min=481), by=at.author)
    with pytest.raises(BadInput) as refused:
        edit_assessment(draft, title="Draft", options=Options(duration_min=481, use_proctoring=True), by=at.author)
    assert list(refused.value.fields) == ["duration_min"]
    edit_assessment(draft, title="Draft", options=Options(duration_min=480, use_proctoring=True), by=at.author)
    assert assessment_page(at.author, draft).duration_min == 480


def test_a_package_is_imported_with_what_needs_review_named(at: Faculty, draft: UUID) -> None:
    """issue 2, Bad input: unknown interactions are imported as "needs review", unsafe files are named."""
    content = samples.package(
        {
            "imsmanifest.xml": samples.manifest("a.xml", "b.xml", "c.xml"),
            "a.xml": samples.choice(["zqrightone"], ["B"]),
            "b.xml": ORDERING,
            "c.xml": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><qti-assessment-item>&e;</qti-assessment-item>',
        }
    )
    imported = import_package(draft, content=content, by=at.author)
    page = assessment_page(at.author, draft)
    assert (imported.added, imported.needs_review, [one.path for one in imported.refused]) == (
        2,
        ("Put in order",),
        ["c.xml"],
    )
    assert [question.kind for question in page.questions] == [
        InteractionKind.SINGLE_CHOICE,
        InteractionKind.NEEDS_REVIEW,
    ]
    assert "order-interaction" in page.questions[1].review_reason


def test_the_key_is_kept_in_its_own_table_and_scores(at: Faculty, draft: UUID) -> None:
    """issue 2 §3: the key is split off at import."""
    import_package(draft, content=samples.choice(["zqrightone"], ["zqwrongone"]), by=at.author)
    version = ItemVersion.objects.get()
    kept = ItemKey.objects.get(version=version)
    key = msgspec.convert(kept.content, Key)
    assert "zqrightone" not in version.public_xml
    assert "zqrightone" in kept.source_xml
    assert score(key, key.correct[0]).points == 1.0


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (samples.package({"../evil.xml": samples.essay()}), BadInput),
        (samples.package({"bomb.xml": b"\x00" * 30_000_000}), TooLarge),
        (b"<!DOCTYPE x><qti-assessment-item/>", BadInput),
        (b"not xml", BadInput),
    ],
)
def test_a_refused_package_changes_nothing(at: Faculty, draft: UUID, content: bytes, error: type[Exception]) -> None:
    """issue 2, Bad input: traversal, zip bomb, document type, no XML."""
    with pytest.raises(error):
        import_package(draft, content=content, by=at.author)
    assert assessment_page(at.author, draft).questions == ()
    assert not ItemVersion.objects.exists()


def test_importing_again_makes_a_new_version_of_the_same_item(at: Faculty, draft: UUID) -> None:
    """product.md §2.2: items have versions."""
    import_package(draft, content=samples.choice(["A"], ["B"]), by=at.author)
    import_package(draft, content=samples.choice(["B"], ["A"]), by=at.author)
    assert len(assessment_page(at.author, draft).questions) == 1
    assert sorted(ItemVersion.objects.values_list("number", flat=True)) == [1, 2]


def test_two_questions_of_one_package_with_one_identifier_are_both_imported(at: Faculty, draft: UUID) -> None:
    """product.md §2.2: importing loses no question; exporters number by file and repeat identifiers."""
    files = {"a.xml": samples.choice(["A"], ["B"]), "b.xml": samples.essay(), "c.xml": samples.text_entry("x")}
    content = samples.package({"imsmanifest.xml": samples.manifest(*files), **files})
    assert import_package(draft, content=content, by=at.author).added == 3
    assert [question.kind for question in assessment_page(at.author, draft).questions] == [
        InteractionKind.SINGLE_CHOICE,
        InteractionKind.ESSAY,
        InteractionKind.SHORT_TEXT,
    ]
    assert ItemVersion.objects.values("item").distinct().count() == 3


def test_a_live_version_never_changes(at: Faculty, draft: UUID) -> None:
    """product.md §2.2: live = immutable."""
    question = create_item(draft, form=build.QUESTIONS[0], by=at.author)
    assert make_live(draft, by=at.author) == 1
    with pytest.raises(Conflict):
        create_item(draft, form=build.QUESTIONS[1], by=at.author)
    with pytest.raises(Conflict):
        remove_question(draft, item_version_id=question, by=at.author)
    with pytest.raises(Conflict):
        edit_assessment(draft, title="Draft", options=Options(duration_min=5), by=at.author)
    assert draw_up_version(draft, by=at.author) == 2
    remove_question(draft, item_version_id=question, by=at.author)
    assert (assessment_page(at.author, draft).questions, assessment_page(at.author, draft).live_version) == ((), 1)


def test_a_version_with_nothing_or_with_a_question_in_review_does_not_go_live(at: Faculty, draft: UUID) -> None:
    """product.md §2.3: what blocks is named."""
    with pytest.raises(Conflict, match="at least one question"):
        make_live(draft, by=at.author)
    import_package(draft, content=ORDERING, by=at.author)
    with pytest.raises(Conflict, match="Put in order"):
        make_live(draft, by=at.author)


def test_removing_a_question_closes_the_gap(at: Faculty, draft: UUID) -> None:
    """product.md §2.2: ordered items."""
    made = [create_item(draft, form=question, by=at.author) for question in build.QUESTIONS]
    remove_question(draft, item_version_id=made[1], by=at.author)
    create_item(draft, form=build.QUESTIONS[1], by=at.author)
    titles = [question.title for question in assessment_page(at.author, draft).questions]
    assert titles == ["Capital", "Answer", "Why", "Salt"]


@pytest.mark.parametrize(
    ("code", "title", "options", "field"),
    [
        ("", "T", Options(), "code"),
        ("a b", "T", Options(), "code"),
        ("A-1", "T", Options(), "code"),
        ("B", " ", Options(), "title"),
        ("B", "T", Options(duration_min=0), "duration_min"),
        ("B", "T", Options(duration_min=10**6), "duration_min"),
        ("B", "T", Options(attempts_allowed=0), "attempts_allowed"),
        ("B", "T", Options(profile={"nope": True}), "nope"),
    ],
)
def test_a_bad_field_is_named(at: Faculty, draft: UUID, code: str, title: str, options: Options, field: str) -> None:
    """product.md §4: errors name the field and the remedy."""
    with pytest.raises(BadInput) as refused:
        create_assessment(at.unit, code=code, title=title, options=options, by=at.author)
    assert list(refused.value.fields) == [field]


def test_an_assessment_of_another_faculty_looks_absent(at: Faculty, draft: UUID) -> None:
    """product.md §3.1, S2."""
    with pytest.raises(NotFound):
        assessment_page(at.stranger, draft)
    with pytest.raises(NotFound):
        create_item(draft, form=build.QUESTIONS[0], by=at.stranger)
    assert (assessments(at.stranger), len(assessments(at.author))) == ([], 1)
