"""Bytes in to a shape, errors out to one body."""

import msgspec
import pytest

from examhall.base.answer import decode, encode, error_body
from examhall.base.errors import BadInput, StaleLease, UnknownField


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    n: int


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    items: list[Inner]


def test_a_good_body_becomes_its_shape() -> None:
    """examples of good style §5: validated shapes at the border."""
    assert decode(b'{"items": [{"n": 1}]}', Shape) == Shape([Inner(1)])


@pytest.mark.parametrize(
    ("body", "error", "field"),
    [
        (b'{"items": [{"n": 1, "m": 2}]}', UnknownField, "items[0].m"),
        (b'{"items": [], "extra": 1}', UnknownField, "extra"),
        (b'{"items": [{"n": "x"}]}', BadInput, "items[0].n"),
        (b"{", BadInput, "body"),
        (b"\xff\xfe", BadInput, "body"),
    ],
)
def test_a_bad_body_is_refused_and_the_field_named(body: bytes, error: type[BadInput], field: str) -> None:
    """house rules: bad input gets a clear error that names the field."""
    with pytest.raises(error) as refused:
        decode(body, Shape)
    assert type(refused.value) is error
    assert list(refused.value.fields) == [field]


def test_every_error_has_one_body() -> None:
    """house.md §6: doors translate in one place."""
    body = encode(error_body(StaleLease("This exam was continued on another device.")))
    assert msgspec.json.decode(body) == {
        "code": "stale_lease",
        "message": "This exam was continued on another device.",
        "fields": {},
    }
