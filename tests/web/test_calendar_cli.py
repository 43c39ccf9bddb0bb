"""`hotline calendar`: a month, a deadline, an import by one person and its approval by another."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from support.calendar_files import year_file
from typer.testing import CliRunner

from web.cli import app

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def quiet_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Commands set up logging for a process of their own; give this one its back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "var"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["calendar", *words])
    return result.exit_code, result.output


@pytest.fixture
def office() -> None:
    for username, role in (
        ("zhang", "coordination"),
        ("kong", "office_director"),
        ("yan", "admin"),
    ):
        words = [
            "user",
            "add",
            username,
            "--name",
            username,
            "--role",
            role,
            "--password",
            PASSWORD,
        ]
        assert CliRunner().invoke(app, words).exit_code == 0


def by(username: str) -> tuple[str, ...]:
    return ("--as", username, "--password", PASSWORD)


def test_a_month_is_shown_day_by_day_in_chinese() -> None:
    code, said = run("show", "2026-10")
    lines = said.splitlines()
    assert (code, lines[0], len(lines)) == (0, "2026 年 10 月", 33)
    assert lines[1] == "  2026-10-01 星期四  放假  国庆节"
    assert lines[10] == "  2026-10-10 星期六  调休上班  国庆节"
    assert lines[11] == "  2026-10-11 星期日  周末"
    assert lines[-1] == "工作日 18 天"


def test_a_month_of_a_year_without_notice_is_marked_provisional() -> None:
    """D-33."""
    code, said = run("show", "2027-01")
    assert code == 0
    assert "暂定" in said.splitlines()[0]
    for wrong in ("2027-13", "2027", "x"):
        assert run("show", wrong)[0] == 2


def test_a_deadline_is_explained() -> None:
    code, said = run("due", "2026-09-18T15:00", "--days", "2")
    assert code == 0
    assert said.splitlines() == [
        "受理 2026-09-18 15:00，2 个工作日",
        "截止 2026-09-21 24:00 前，即早于 2026-09-22 00:00",
        "计入",
        "  2026-09-20 星期日  调休上班  国庆节",
        "  2026-09-21 星期一  工作日",
        "跳过",
        "  2026-09-19 星期六  周末",
    ]
    assert "暂定" in run("due", "2026-12-18", "--days", "10")[1]
    assert run("due", "yesterday", "--days", "2")[0] == 2


@pytest.mark.usefixtures("office")
def test_a_year_is_imported_by_one_person_and_approved_by_another(tmp_path: Path) -> None:
    """X58, X20."""
    file = tmp_path / "2027.yaml"
    file.write_bytes(year_file())
    code, said = run("import", str(file), *by("zhang"))
    assert code == 0
    assert "该年此前为暂定" in said
    assert "  2026-12-27 星期日  周末 → 调休上班 元旦" in said
    assert "共改变 20 天" in said
    code, said = run("approve", *by("zhang"))
    assert (code, "CALENDAR_SAME_PERSON" in said) == (2, True)
    code, said = run("approve", *by("kong"))
    assert (code, "已生效" in said) == (0, True)
    assert "暂定" not in run("show", "2027-01")[1]
    assert "无需导入" in run("import", str(file), *by("kong"))[1]
    code, said = run("approve", *by("kong"))
    assert (code, "NOT_FOUND" in said) == (2, True)


@pytest.mark.usefixtures("office")
def test_a_wrong_file_is_refused_by_line_and_strangers_are_refused_at_all(tmp_path: Path) -> None:
    """X19."""
    file = tmp_path / "2027.yaml"
    file.write_bytes(year_file().replace(b"2027-02-05", b"2027-02-31"))
    code, said = run("import", str(file), *by("zhang"))
    assert code == 2
    assert "2027.yaml 第 10 行：没有这一天：2027-02-31" in said
    assert "CALENDAR_FILE_REFUSED" in said
    file.write_bytes(year_file())
    code, said = run("import", str(file), *by("yan"))
    assert (code, "FORBIDDEN" in said) == (2, True)
    code, said = run("import", str(file), "--as", "zhang", "--password", "wrong horse")
    assert (code, "WRONG_CREDENTIALS" in said) == (2, True)


@pytest.mark.usefixtures("office")
def test_of_two_proposals_one_must_be_named(tmp_path: Path) -> None:
    for year in (2027, 2028):
        file = tmp_path / f"{year}.yaml"
        file.write_bytes(year_file(year))
        assert run("import", str(file), *by("zhang"))[0] == 0
    code, said = run("approve", *by("kong"))
    assert (code, "1 (2027" in said, "2 (2028" in said) == (2, True, True)
    assert run("approve", "2", *by("kong"))[0] == 0
