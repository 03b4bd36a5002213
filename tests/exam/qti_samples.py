"""Small QTI items and packages for the tests, with the secret parts given by the caller."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

QTI3 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"

MATCH = """<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct"/>"""
MAP = """<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response"/>"""


def item(
    declaration: str, body: str, rest: str = MATCH, *, identifier: str = "item-1", title: str = "A question"
) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><qti-assessment-item xmlns="{QTI3}" identifier={quoteattr(identifier)} '
        f'title={quoteattr(title)} adaptive="false" time-dependent="false">{declaration}'
        f"<qti-item-body>{body}</qti-item-body>{rest}</qti-assessment-item>"
    ).encode()


def choice(
    right: list[str], wrong: list[str], *, cardinality: str = "single", rest: str = MATCH, extra: str = ""
) -> bytes:
    values = "".join(f"<qti-value>{escape(name)}</qti-value>" for name in right)
    choices = "".join(
        f"<qti-simple-choice identifier={quoteattr(name)}>Choice number {at}</qti-simple-choice>"
        for at, name in enumerate([*right, *wrong])
    )
    return item(
        f'<qti-response-declaration identifier="RESPONSE" cardinality="{cardinality}" base-type="identifier">'
        f"<qti-correct-response>{values}</qti-correct-response>{extra}</qti-response-declaration>",
        '<p>Which one?</p><qti-choice-interaction response-identifier="RESPONSE" max-choices="1">'
        f"<qti-prompt>Choose.</qti-prompt>{choices}</qti-choice-interaction>",
        rest,
    )


def text_entry(
    right: str, *, base_type: str = "string", extra: str = "", attributes: str = "", rest: str = MATCH
) -> bytes:
    return item(
        f'<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="{base_type}">'
        f"<qti-correct-response><qti-value>{escape(right)}</qti-value></qti-correct-response>{extra}"
        "</qti-response-declaration>",
        f'<p>Type it: <qti-text-entry-interaction response-identifier="RESPONSE" {attributes}/> and go on.</p>',
        rest,
    )


def essay(*, rest: str = "", inside: str = "") -> bytes:
    return item(
        '<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="string"/>',
        '<qti-extended-text-interaction response-identifier="RESPONSE" expected-lines="6">'
        f"<qti-prompt>Explain.</qti-prompt></qti-extended-text-interaction>{inside}",
        rest,
    )


def package(files: Mapping[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return made.getvalue()


def manifest(*hrefs: str) -> str:
    resources = "".join(
        f'<resource identifier="r{at}" type="imsqti_item_xmlv3p0" href="{href}"/>' for at, href in enumerate(hrefs)
    )
    return f'<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"><resources>{resources}</resources></manifest>'
