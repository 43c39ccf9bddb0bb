"""The command line: accounts, schema, doctor, refusals in one line."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from core.config import Settings
from web.cli import app
from web.running import PortTaken, _bound


@pytest.fixture(autouse=True)
def quiet_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Commands set up logging for a process of their own; give this one its back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "var"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.disable(logging.NOTSET)
    structlog.reset_defaults()


def run(*words: str, answers: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), input=answers)
    return result.exit_code, result.output


def accounts(folder: Path) -> list[tuple[str, str, str]]:
    with sqlite3.connect(folder / "var/hotline.db") as database:
        rows = database.execute("SELECT username, roles, password_hash FROM account").fetchall()
    database.close()
    return rows


def test_an_account_is_made_and_gets_another_password(tmp_path: Path) -> None:
    code, said = run("user", "add", "op99", "--name", "测试", "--role", "operator", "--role",
                     "shift_leader", "--password", "first horse")  # fmt: skip
    assert (code, said) == (0, "op99 may sign in\n")
    ((name, roles, first),) = accounts(tmp_path)
    assert (name, json.loads(roles)) == ("op99", ["operator", "shift_leader"])
    assert "first horse" not in first
    assert run("user", "passwd", "op99", answers="second horse\nsecond horse\n")[0] == 0
    assert accounts(tmp_path)[0][2] != first


def test_refusals_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    add = ("user", "add", "op99", "--name", "测试", "--role", "operator", "--password")
    code, said = run(*add, "short")
    assert (code, "UNPROCESSABLE" in said) == (2, True)
    assert run(*add, "long enough")[0] == 0
    code, said = run(*add, "long enough")
    assert (code, "CONFLICT" in said) == (2, True)
    assert run("user", "passwd", "nobody", "--password", "long enough")[0] == 2
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["serve", "up"])
def test_the_server_does_not_start_with_default_secrets(command: str) -> None:
    """X97."""
    code, said = run(command)
    assert code == 2
    assert "DEFAULT_SECRET_REFUSED" in said
    assert "HOTLINE_SECRET_KEY" in said


def test_a_setting_out_of_range_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_RING_SECONDS", "1")
    code, said = run("migrate")
    assert code == 2
    assert "HOTLINE_RING_SECONDS" in said


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with _bound(Settings(demo=True, data_dir=tmp_path, port=0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken):
            _bound(Settings(demo=True, data_dir=tmp_path, port=port))


def test_the_doctor_of_an_empty_installation_finds_nothing_broken_but_what_is_not_built() -> None:
    _, said = run("doctor")
    for part in ("python", "data folder", "database", "asterisk", "prompts", "ami", "agi"):
        assert part in said
    assert "hotline up" in said
    assert "Traceback" not in said


def test_the_doctor_sees_a_database_that_is_there(tmp_path: Path) -> None:
    assert run("migrate")[0] == 0
    assert "sqlite, schema" in run("doctor")[1]


def test_reconcile_of_an_empty_ledger_is_whole() -> None:
    code, said = run("reconcile")
    assert code == 0
    assert "everything is explained" in said


def test_the_schema_names_every_path() -> None:
    code, said = run("openapi")
    assert code == 0
    paths = json.loads(said)["paths"]
    for path in ("/api/session", "/api/seats/mine", "/api/tickets", "/api/calls/mine", "/readyz"):
        assert path in paths
