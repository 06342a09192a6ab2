"""What an operator can move without writing a document."""

import pytest

from companion.core.policy.checks import NUMBER_PATHS, ORDERED_TITLES, PER_CENT
from companion.core.policy.presets import PRESETS, compiled_preset
from companion.core.policy.settings import SETTINGS, operator_settings
from tests.unit.core.policy.kit import DEFAULT, policy


@pytest.mark.req("R-ROUTE-06", "R-ROLE-13")
def test_each_number_reads_as_a_sentence() -> None:
    """With the place for its value, what it is for, its limits, what it inherits and what governance allows."""
    settings = {entry["path"]: entry for entry in operator_settings(DEFAULT)}
    assert settings["thresholds.review_below_confidence"] == {
        "path": "thresholds.review_below_confidence",
        "sentence": "Ask a person when the model is less than {value} sure.",
        "label": "Ask a person below",
        "help": "Items below this wait for a person; the workflow goes on meanwhile.",
        "unit": "%", "kind": "share", "min": 0, "max": 1, "step": 0.01, "value": 0.85, "default": 0.85,
        "bounds": {"min": 0.75, "max": 0.98}, "options": [],
    }  # fmt: skip
    assert settings["thresholds.review_above_risk"]["unit"] == ""
    assert settings["high_risk_variant"]["options"][1]["value"] == "escalate"
    for entry in settings.values():
        assert "{value}" in entry["sentence"]
        assert entry["sentence"].endswith(".")
        assert entry["help"].endswith(".")
        assert entry["kind"] in ("share", "minutes", "count", "choice")


@pytest.mark.req("R-ROUTE-06")
def test_a_refusal_names_a_number_as_its_setting_does() -> None:
    """The titles and the per cent of what is refused are those that stand beside the fields."""
    settings = {setting.path: setting for setting in SETTINGS}
    assert {path: settings[path].label for path in ORDERED_TITLES} == ORDERED_TITLES
    assert {setting.path for setting in SETTINGS if setting.unit == "%"} & set(NUMBER_PATHS) == PER_CENT


@pytest.mark.req("R-ROUTE-06")
@pytest.mark.parametrize("name", PRESETS)
def test_only_what_applies_is_offered(name: str) -> None:
    """One gate in place of the threshold, bands in place of the two risks; each value is within its limits."""
    settings = {entry["path"]: entry for entry in operator_settings(compiled_preset(name))}
    assert ("confidence_gate" in settings) is (name == "summarize-email")
    assert ("thresholds.review_below_confidence" in settings) is (name != "summarize-email")
    assert ("score_bands.block_above" in settings) is (name == "fraud")
    assert ("thresholds.review_above_risk" in settings) is (name != "fraud")
    for entry in settings.values():
        if entry["kind"] != "choice":
            assert entry["min"] <= entry["value"] <= entry["max"]


def test_what_a_policy_inherits_stands_beside_its_own_value() -> None:
    """So that “back to the default” is one step."""
    own = policy(extends="fraud", score_bands={"review_from": 0.75}, sampling={"rate": 0.3})
    settings = {entry["path"]: entry for entry in operator_settings(own)}
    assert (settings["score_bands.review_from"]["value"], settings["score_bands.review_from"]["default"]) == (0.75, 0.7)
    assert (settings["sampling.rate"]["value"], settings["sampling.rate"]["default"]) == (0.3, 0.05)


def test_every_setting_has_a_place_in_the_document() -> None:
    """A number under a wrong path would be saved nowhere."""
    assert {setting.path for setting in SETTINGS} - {"high_risk_variant"} == set(NUMBER_PATHS) - {"expires_in_s"}
