"""Reading items from strangers: what candidates get, what they never get, and what is refused."""

import stat
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from examhall.base.errors import BadInput, TooLarge
from examhall.base.words import InteractionKind
from examhall.exam.rules.qti.content import Media
from examhall.exam.rules.qti.item import split
from examhall.exam.rules.qti.key import Method, ToleranceMode
from examhall.exam.rules.qti.package import read_package
from tests.exam import qti_samples as samples

SALT = b"salt of the tests"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20

tokens = st.text("abcdefghijkmnpqrstuvwxyz", min_size=12, max_size=24).map(lambda name: f"zq{name}7")


@st.composite
def items_with_secrets(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """An item of any kind, and every string in it that belongs to its key or to staff."""
    a, b, c, d, e, f = draw(st.lists(tokens, min_size=6, max_size=6, unique=True))
    hidden = (
        f'<qti-modal-feedback outcome-identifier="FEEDBACK" identifier="{c}" show-hide="show">{d}</qti-modal-feedback>'
        f'<qti-outcome-declaration identifier="{e}" cardinality="single" base-type="float"/><!-- {f} --><?hint {f}?>'
    )
    mapping = (
        f'<qti-mapping default-value="0"><qti-map-entry map-key="{a}" mapped-value="2"/>'
        f'<qti-map-entry map-key="{b}" mapped-value="-1"/></qti-mapping>'
    )
    staff = f'<qti-rubric-block view="scorer" use="scoring"><p>{d}</p></qti-rubric-block>'
    feedback = f'<qti-feedback-inline outcome-identifier="F" identifier="{c}">{d}</qti-feedback-inline>'
    attributes = f'pattern-mask="{c}" placeholder-text="{d}" data-key="{e}" class="{f}" id="{a}"'
    made = draw(
        st.sampled_from(
            [
                samples.choice([a], [b], rest=samples.MATCH + hidden),
                samples.choice([a], [b], cardinality="multiple", rest=samples.MAP + hidden, extra=mapping),
                samples.text_entry(a, extra=mapping, attributes=attributes, rest=samples.MAP + hidden),
                samples.text_entry(a, attributes=attributes, rest=samples.MATCH + hidden),
                samples.essay(rest=hidden, inside=staff + f"<p>Take care. {feedback}</p>"),
            ]
        )
    )
    return made, [a, b, c, d, e, f]


@given(items_with_secrets())
def test_no_key_string_is_in_any_byte_of_the_public_half(drawn: tuple[bytes, list[str]]) -> None:
    """issue 2 §3: no key string of any item occurs in any byte sent to a candidate."""
    xml, secrets = drawn
    made = split(xml, salt=SALT)
    assert made.kind is not InteractionKind.NEEDS_REVIEW, made.review_reason
    assert [secret for secret in secrets if secret.encode() in made.public_xml] == []
    etree.fromstring(made.public_xml)


@pytest.mark.parametrize(
    ("xml", "kind", "method"),
    [
        (samples.choice(["A"], ["B"]), InteractionKind.SINGLE_CHOICE, Method.MATCH),
        (samples.choice(["A", "C"], ["B"], cardinality="multiple"), InteractionKind.MULTIPLE_CHOICE, Method.MATCH),
        (samples.text_entry("Lisbon"), InteractionKind.SHORT_TEXT, Method.MATCH),
        (samples.text_entry("3.5", base_type="float"), InteractionKind.NUMBER, Method.MATCH),
        (samples.essay(), InteractionKind.ESSAY, Method.MANUAL),
    ],
)
def test_the_five_kinds_are_recognised(xml: bytes, kind: InteractionKind, method: Method) -> None:
    """issue 2 §3: single choice, multiple choice, short text, number, essay."""
    made = split(xml, salt=SALT)
    assert (made.kind, made.key.kind, made.key.method, made.review_reason) == (kind, kind, method, "")


def test_choice_identifiers_say_nothing_about_which_one_is_right() -> None:
    """issue 2 §3: sources name choices by whether they are right, or put the right one first."""
    made = split(samples.choice(["correct_one"], ["wrong_one", "wrong_two"]), salt=SALT)
    again = split(samples.choice(["correct_one"], ["wrong_one", "wrong_two"]), salt=b"another salt")
    assert b"correct_one" not in made.public_xml
    assert made.key.correct[0].encode() in made.public_xml
    assert made.key.correct != again.key.correct


def test_the_tolerance_of_a_number_comes_from_the_processing() -> None:
    """issue 2 §3: a number is scored with the author's tolerance."""
    processing = (
        "<qti-response-processing><qti-response-condition><qti-response-if>"
        '<qti-equal tolerance-mode="relative" tolerance="5 10" include-upper-bound="false">'
        '<qti-variable identifier="RESPONSE"/><qti-correct identifier="RESPONSE"/></qti-equal>'
        '<qti-set-outcome-value identifier="SCORE"><qti-base-value base-type="float">3</qti-base-value>'
        "</qti-set-outcome-value></qti-response-if></qti-response-condition></qti-response-processing>"
    )
    key = split(samples.text_entry("200", base_type="float", rest=processing), salt=SALT).key
    assert (key.tolerance.mode, key.tolerance.below, key.tolerance.above) == (ToleranceMode.RELATIVE, "5", "10")
    assert (key.tolerance.include_above, key.max_score) == (False, 3.0)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (
            samples.item(
                '<qti-response-declaration identifier="RESPONSE" cardinality="ordered" base-type="identifier"/>',
                '<qti-order-interaction response-identifier="RESPONSE"/>',
            ),
            "order-interaction",
        ),
        (samples.item("", "<p>Read this.</p>"), "asks for no answer"),
        (
            samples.text_entry("1", base_type="float").replace(b"</p>", b"<qti-text-entry-interaction/></p>"),
            "2 answers",
        ),
        (samples.text_entry("many", base_type="float"), "should be a number"),
        (
            samples.text_entry("x", rest="<qti-response-processing><qti-lookup/></qti-response-processing>"),
            "of its own",
        ),
        (samples.essay(inside='<audio src="sound.mp3"/>'), "audio"),
        (samples.essay(inside='<img src="https://example.org/x.png" alt=""/>'), "missing"),
        (samples.choice([], ["A", "B"]), "no correct response"),
        (samples.choice(["A"], ["A"]), "same identifier"),
    ],
)
def test_what_is_not_understood_needs_review_with_its_reason(xml: bytes, said: str) -> None:
    """issue 2, Bad input: unknown interactions are imported as "needs review", never dropped."""
    made = split(xml, salt=SALT)
    assert made.kind is InteractionKind.NEEDS_REVIEW
    assert said in made.review_reason
    assert (made.public_xml, made.title) == (b"", "A question")


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(
        f'<!ENTITY lol{n} "{"&lol" + str(n - 1 or "") + ";"}{"&lol" + str(n - 1 or "") + ";"}">' for n in range(1, 30)
    )
    + "]><qti-assessment-item>&lol29;</qti-assessment-item>"
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><qti-assessment-item>&e;</qti-assessment-item>'


@pytest.mark.parametrize(
    "xml",
    [
        EXTERNAL.encode(),
        EXTERNAL.encode("utf-16"),
        BILLION_LAUGHS.encode(),
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><qti-assessment-item/>',
        b'<?xml version="1.0" encoding="utf-7"?><qti-assessment-item/>',
        b"<qti-assessment-item>&undeclared;</qti-assessment-item>",
        b"<qti-assessment-item><p></qti-assessment-item>",
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<html/>",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_unsafe_or_broken_xml_is_refused(xml: bytes) -> None:
    """issue 2, Bad input: QTI with external entities (and billion laughs, document types, broken text)."""
    with pytest.raises(BadInput):
        split(xml, salt=SALT)


def test_an_item_larger_than_the_limit_is_refused() -> None:
    """issue 2, Bad input: sizes are bounded."""
    with pytest.raises(TooLarge):
        split(b"<qti-assessment-item>" + b" " * 2_000_000 + b"</qti-assessment-item>", salt=SALT)


@pytest.mark.parametrize(
    "inside",
    [
        '<script>alert("x")</script>',
        '<p onclick="alert(1)" style="color:red">Hello</p>',
        '<p><a href="javascript:alert(1)">link</a></p>',
        "<style>p{display:none}</style>",
    ],
)
def test_active_content_does_not_reach_the_candidate(inside: str) -> None:
    """issue 2 §3: items are sanitised by an allow-list."""
    made = split(samples.essay(inside=inside), salt=SALT)
    assert made.kind is InteractionKind.ESSAY
    assert [word for word in (b"alert", b"onclick", b"style", b"href") if word in made.public_xml] == []


def test_what_stands_around_left_out_content_stays_in_place() -> None:
    """issue 2 §3: leaving something out loses no other text."""
    inside = '<p>one <a href="#">two</a> three <script>x</script>four <b>five</b> six</p>'
    public = split(samples.essay(inside=inside), salt=SALT).public_xml
    assert "one two three four five six" in "".join(str(part) for part in etree.fromstring(public).itertext())


def test_a_picture_of_the_package_travels_inside_the_item() -> None:
    """product.md P3: a question is whole once it is there."""
    xml = samples.essay(inside='<img src="../media/map%20one.png" alt="A map"/>')
    made = split(xml, salt=SALT, media=Media({"media/map one.png": PNG}, "items/one.xml"))
    assert b'src="data:image/png;base64,iVBORw0KGgo' in made.public_xml


def test_an_svg_or_disguised_picture_needs_review() -> None:
    """issue 2 §3: only pictures that carry no code are shown."""
    xml = samples.essay(inside='<img src="a.png" alt=""/>')
    made = split(xml, salt=SALT, media=Media({"a.png": b"<svg onload='alert(1)'/>"}, "one.xml"))
    assert "a.png is no PNG" in made.review_reason


def test_an_item_of_qti_two_is_understood() -> None:
    """issue 2 §3: tolerant of QTI 2.x."""
    xml = b"""<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="old" title="Old">
    <responseDeclaration identifier="R" cardinality="single" baseType="identifier">
    <correctResponse><value>zqrightone</value></correctResponse></responseDeclaration>
    <itemBody><choiceInteraction responseIdentifier="R" maxChoices="1"><prompt>Which?</prompt>
    <simpleChoice identifier="zqrightone">Yes</simpleChoice><simpleChoice identifier="B">No</simpleChoice>
    </choiceInteraction></itemBody>
    <responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"/>
    </assessmentItem>"""
    made = split(xml, salt=SALT)
    assert (made.kind, made.title) == (InteractionKind.SINGLE_CHOICE, "Old")
    assert b"qti-simple-choice" in made.public_xml
    assert b"zqrightone" not in made.public_xml


def test_a_package_gives_its_items_in_the_order_of_the_manifest() -> None:
    """issue 2 §3: QTI packages."""
    content = samples.package(
        {
            "imsmanifest.xml": samples.manifest("items/b.xml", "items/a.xml"),
            "items/a.xml": samples.essay(),
            "items/b.xml": samples.text_entry("x"),
            "media/x.png": PNG,
        }
    )
    package = read_package(content)
    assert [found.path for found in package.items] == ["items/b.xml", "items/a.xml"]
    assert package.files["media/x.png"] == PNG


def test_a_package_without_manifest_and_a_single_file_are_read_too() -> None:
    """issue 2 §3: tolerant of how packages are made."""
    assert len(read_package(samples.package({"a.xml": samples.essay(), "b.txt": "no item"})).items) == 1
    assert read_package(samples.essay()).items[0].xml == samples.essay()


@pytest.mark.parametrize("path", ["../outside.xml", "/etc/x.xml", "a/../../x.xml", "..\\x.xml", "C:/x.xml"])
def test_a_path_that_leads_outside_is_refused(path: str) -> None:
    """issue 2, Bad input: path traversal."""
    with pytest.raises(BadInput, match="outside of itself"):
        read_package(samples.package({path: samples.essay()}))


def test_a_link_in_a_package_is_refused() -> None:
    """issue 2, Bad input: path traversal by a link."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("item.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(BadInput, match="outside of itself"):
        read_package(made.getvalue())


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    """issue 2, Bad input: zip bombs (ratio)."""
    with pytest.raises(TooLarge, match="unpacks to more"):
        read_package(samples.package({"bomb.xml": b"\x00" * 30_000_000}))


def test_a_zip_that_lies_about_its_sizes_is_refused() -> None:
    """issue 2, Bad input: the archive's own figures are not believed."""
    content = bytearray(samples.package({"bomb.xml": b"\x00" * 3_000_000}))
    size = (3_000_000).to_bytes(4, "little")
    lie = (10).to_bytes(4, "little")
    with pytest.raises((BadInput, TooLarge)):
        read_package(bytes(content.replace(size, lie)))


def test_too_many_files_are_refused() -> None:
    """issue 2, Bad input: zip bombs (count)."""
    with pytest.raises(TooLarge, match="2000 files"):
        read_package(samples.package({f"{n}.txt": "" for n in range(2001)}))


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 broken", samples.package({}), samples.package({"imsmanifest.xml": samples.manifest("gone.xml")})],
)
def test_a_package_without_questions_is_refused(content: bytes) -> None:
    """issue 2, Bad input: damaged, empty and incomplete packages."""
    with pytest.raises(BadInput):
        read_package(content)
