"""The desktop's sliders use the same formulas: one file of cases, held against both."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from seats.staffing.erlang import Goal, answered_within, given_up, seats_needed

CASES = Path(__file__).parents[2] / "web/desktop/tests/office/erlang.cases.json"


def cases() -> Iterator[dict[str, float]]:
    """Yield what the desktop's test (tests/office/staffing.test.ts) must find as well."""
    for calls, handling, (target, within), (connect, patience) in product(
        (0, 0.3, 2, 7.5, 30, 120),
        (45, 240, 600),
        ((15, 80), (20, 95), (5, 99)),
        ((95, 120), (99, 30)),
    ):
        goal = Goal(
            within_percent=within,
            target_seconds=target,
            connect_percent=connect,
            patience_seconds=patience,
        )
        seats, load = seats_needed(calls, 1800, handling, goal), calls / 1800 * handling
        yield {
            "calls": calls,
            "handling": handling,
            "target": target,
            "patience": patience,
            "within_percent": within,
            "connect_percent": connect,
            "seats": seats,
            "in_time": round(answered_within(seats, load, handling, target), 12),
            "given_up": round(given_up(seats, load, handling, patience), 12),
        }


def test_the_desktops_cases_are_what_the_server_gives() -> None:
    kept = json.loads(CASES.read_text(encoding="utf-8"))
    for one, known in zip(cases(), kept, strict=True):
        assert one == pytest.approx(known)


if __name__ == "__main__":  # writes the file anew after a change of the formulas
    lines = ",\n".join(json.dumps(one) for one in cases())
    CASES.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
