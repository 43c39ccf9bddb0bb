"""The demo's emergency desks do what they are told, and stand aside for real ones."""

from pathlib import Path

import pytest

from core.config import Settings
from web.demo_desks import DESKS, Manner, tell, with_desks


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(_env_file=None, demo=True, data_dir=folder, **changes)  # type: ignore[arg-type]


def test_a_demo_gets_desks_on_the_loopback(tmp_path: Path) -> None:
    routes = with_desks(settings(tmp_path)).emergency_routes
    assert list(routes) == ["trunk-a", "trunk-b", "duty-desk"]
    assert list(routes.values()) == list(DESKS.values())


@pytest.mark.parametrize(
    "changes", [{"emergency_trunk_b": "10.1.1.1:5060"}, {"asterisk_host": "10.1.1.2"}]
)
def test_ways_that_are_set_and_a_switch_of_others_are_left_alone(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    chosen = settings(tmp_path, **changes)
    assert with_desks(chosen) is chosen


def test_what_a_desk_was_told_is_kept(tmp_path: Path) -> None:
    tell(settings(tmp_path), "trunk-a", Manner.BUSY)
    tell(settings(tmp_path), "trunk-b", Manner.DOWN)
    assert (tmp_path / "demo_desks.json").read_text() == '{"trunk-a": "busy", "trunk-b": "down"}'
