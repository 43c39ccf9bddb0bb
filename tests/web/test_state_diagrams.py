from pathlib import Path

from seats.states import TRANSITIONS, TRIGGERS
from tickets.states import TABLE
from web.state_diagrams import render_states

PAGE = Path(__file__).parents[2] / "docs" / "states.md"


def test_the_page_of_states_is_what_the_tables_say() -> None:
    assert PAGE.read_text() == render_states(), "run `hotline states > docs/states.md`"


def test_every_move_of_an_agent_and_of_a_ticket_is_drawn() -> None:
    page = render_states()
    for (old, trigger), new in TRANSITIONS.items():
        assert old == new or any(
            line.strip().startswith(f"{old} --> {new}:") and trigger in line
            for line in page.splitlines()
        )
    assert all(f"| `{trigger}` |" in page for trigger in TRIGGERS)
    assert all(f"| {row.code} | {row.zh} |" in page for row in TABLE)
