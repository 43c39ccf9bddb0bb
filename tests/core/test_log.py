"""Logs: readable, structured, and without personal data."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from core.log import mask_number, set_up


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_traceback_shows_no_values_of_locals(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """A caller's number lives in the locals of whatever fails."""

    def fails() -> None:
        caller = "13900000001"
        raise ValueError(len(caller))

    set_up(json=as_json)
    try:
        fails()
    except ValueError:
        structlog.get_logger("test").exception("it failed")
    said = capsys.readouterr().err
    assert "ValueError: 11" in said
    assert "13900000001" not in said
    assert not as_json or json.loads(said)["exception"].startswith("Traceback")


def test_personal_fields_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(json=True)
    structlog.get_logger("test").info("rings", caller="13900000001", call_id="c1")
    line = json.loads(capsys.readouterr().err)
    assert (line["caller"], line["call_id"]) == ("139****0001", "c1")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13900000001", "139****0001"),
        ("2912345", "2****45"),
        ("12345", "***45"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_middle_of_a_number_is_hidden(number: str | None, masked: str) -> None:
    assert mask_number(number) == masked
