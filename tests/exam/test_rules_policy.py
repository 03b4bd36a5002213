"""Where a setting's value comes from, and what a snapshot keeps."""

from collections.abc import Mapping

import pytest

from examhall.base.errors import BadInput, UnknownField
from examhall.base.words import IncidentKind, Track
from examhall.exam.rules import policy_words
from examhall.exam.rules.policy import Level, Policy, Value, required_tracks
from examhall.exam.rules.policy_differences import differences
from examhall.exam.rules.presets import PRESETS, Preset
from examhall.exam.rules.snapshot import Layer, Origin, Setting, check_values, freeze, policy_of, resolve, settle, thaw

SITE = Layer(Origin.SITE, {"record.audio": True, "conn.reconnect_window_s": 180}, version=12)
ASSESSMENT = Layer(Origin.ASSESSMENT, {"conn.reconnect_window_s": 240}, version=3)
OVERRIDE = Layer(Origin.SCHEDULE, {"record.audio": False})


def test_without_layers_the_built_in_defaults_hold() -> None:
    """R-0.37: 120 s to reconnect; product.md §5.2 to §5.5: the defaults."""
    policy = policy_of(resolve([]))
    assert policy == Policy()
    assert (policy.conn.reconnect_window_s, policy.conn.heartbeat_lost_s) == (120, 15)
    assert policy.detect[IncidentKind.GAZE_OFF] is Level.OFF


def test_a_later_layer_wins_and_each_value_shows_its_origin() -> None:
    """R-0.41: site default, then assessment, then schedule override, frozen with origin."""
    settings = resolve([SITE, ASSESSMENT, OVERRIDE]).settings
    assert settings["conn.reconnect_window_s"] == Setting(240, Origin.ASSESSMENT, 3)
    assert settings["record.audio"] == Setting(False, Origin.SCHEDULE, None)
    assert settings["record.video"] == Setting(True, Origin.BUILT_IN, None)


def test_leniency_sets_every_level_but_those_that_are_off_by_default() -> None:
    """product.md §5.5: Lenient = low, Standard = medium, Strict = high."""
    layer = Layer(Origin.SITE, {"leniency": "strict", "detect.speech": "low"})
    detect = policy_of(resolve([layer])).detect
    assert (detect[IncidentKind.MULTI_FACE], detect[IncidentKind.SPEECH]) == (Level.HIGH, Level.LOW)
    assert (detect[IncidentKind.GAZE_OFF], detect[IncidentKind.SECOND_CLIENT]) == (Level.OFF, Level.MEDIUM)


@pytest.mark.parametrize("preset", list(Preset))
def test_every_preset_is_a_valid_layer(preset: Preset) -> None:
    """product.md §5.1: the presets."""
    assert resolve([Layer(Origin.SITE, PRESETS[preset], 1)]).sha256


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"record.everything": True}, UnknownField),
        ({"record": True}, UnknownField),
        ({"conn.heartbeat_s": 16}, BadInput),
        ({"conn.reconnect_window_s": 29}, BadInput),
        ({"record.video": "yes"}, BadInput),
        ({"lock.full_screen_action": "warn"}, BadInput),
        ({"detect.speech": "extreme"}, BadInput),
    ],
)
def test_an_unknown_key_or_value_is_an_error_at_its_key(values: Mapping[str, Value], error: type[BadInput]) -> None:
    """product.md §5.1: an unknown key is an error."""
    with pytest.raises(error) as refused:
        resolve([Layer(Origin.SITE, values)])
    assert list(refused.value.fields) == list(values)


def test_a_snapshot_survives_storage_and_an_altered_one_is_refused() -> None:
    """R-0.10: the frozen values stay; the hash tells if they did not."""
    frozen = freeze(resolve([SITE]))
    assert thaw(frozen) == resolve([SITE])
    frozen["settings"]["record.audio"]["value"] = False
    with pytest.raises(BadInput, match="changed after"):
        thaw(frozen)


def test_the_hash_is_over_values_and_not_over_where_they_came_from() -> None:
    """R-0.10: what was agreed is the values."""
    one = resolve([Layer(Origin.SITE, {"record.audio": False}, 1)])
    other = resolve([Layer(Origin.SCHEDULE, {"record.audio": False})])
    assert (one.sha256 == other.sha256, one.sha256 == resolve([]).sha256) == (True, False)


def test_differences_name_only_what_changed() -> None:
    """R-0.11: a diff between the frozen and the newest settings."""
    newer = Layer(Origin.SITE, {"record.audio": True, "conn.reconnect_window_s": 120}, version=13)
    found = differences(resolve([SITE]), resolve([newer]))
    assert [(change.key, change.frozen, change.newer) for change in found] == [("conn.reconnect_window_s", 180, 120)]


@pytest.mark.parametrize(("invigilated", "rule"), [(True, "approval"), (False, "off")])
def test_reentry_is_settled_by_whether_somebody_watches(invigilated: bool, rule: str) -> None:
    """product.md §5.3: approval if an invigilator is assigned, else off."""
    settled = settle(resolve([]), invigilated=invigilated)
    assert policy_of(settled).lock.prevent_reentry == rule
    assert thaw(freeze(settled)) == settled


def test_the_microphone_needs_the_webcam_track() -> None:
    """product.md §2.8: required tracks."""
    off: dict[str, Value] = {"record.video": False, "record.audio": False, "record.screen": False}
    sound_only = resolve([Layer(Origin.SITE, {**off, "record.audio": True})])
    assert required_tracks(policy_of(sound_only)) == (Track.WEBCAM,)
    assert required_tracks(policy_of(resolve([Layer(Origin.SITE, off)]))) == ()
    assert required_tracks(Policy()) == (Track.WEBCAM, Track.SCREEN)


@pytest.mark.parametrize(
    "key_value",
    [
        ("shortest_s.speech", -1),
        ("shortest_s.speech", 601),
        ("shortest_s.manual", 5),
        ("limit.head_turn", -1),
        ("limit.head_turn", 61),
        ("limit.speech", 5),
    ],
)
def test_a_length_or_limit_lies_within_its_bounds_and_belongs_to_a_kind_that_has_one(
    key_value: tuple[str, int],
) -> None:
    """R-0.34: custom per type; kinds without a length, and without a limit, are refused."""
    key, value = key_value
    with pytest.raises(BadInput) as refused:
        check_values({key: value})
    assert key in refused.value.fields


def test_a_schedule_says_how_many_lengths_and_limits_are_its_own() -> None:
    """R-0.34: what differs from the levels is told, in words and with its unit."""
    own: dict[str, Value] = {"shortest_s.speech": 6, "limit.head_turn": 39, "limit.copy_paste": 20}
    snapshot = resolve([Layer(Origin.SITE, own)])
    [sensitivity] = [one.text for one in policy_words.summary(snapshot) if one.name == "Sensitivity"]
    assert sensitivity.endswith("switched off, 1 own length, 2 own limits")
    told = {one.key: (one.name, one.value) for one in policy_words.lines(snapshot) if one.key in own}
    assert told == {
        "shortest_s.speech": ("Shortest stretch, Speech", "6 s"),
        "limit.head_turn": ("Limit, Head turned away, sideways", "39°"),
        "limit.copy_paste": ("Limit, Copy, cut, paste, characters pasted from outside", "20"),
    }
