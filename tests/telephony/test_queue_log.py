"""The tail of queue_log: nothing twice, nothing lost, whatever happens to the file."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.queue_log import LogLine, Mark, parse, read_new


def line(number: int, event: str = "ENTERQUEUE") -> str:
    return f"{1795406400 + number}|1000.{number}|hotline|NONE|{event}||1390000000{number % 10}|1\n"


def lines(*numbers: int) -> str:
    return "".join(line(number) for number in numbers)


def drain(path: Path, mark: Mark) -> tuple[list[str], Mark]:
    """Read until nothing is new; return the uniqueids seen."""
    seen: list[str] = []
    while True:
        found, mark = read_new(path, mark)
        if not found:
            return seen, mark
        seen += [entry.uniqueid for entry in found]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "queue_log"


def test_a_line_is_read_into_its_parts() -> None:
    entry = parse("1795406400|1000.1|hotline|PJSIP/seat03|CONNECT|4|1000.2|3")
    assert entry.at is not None
    assert int(entry.at.timestamp()) == 1795406400
    assert (entry.uniqueid, entry.queue, entry.agent) == ("1000.1", "hotline", "PJSIP/seat03")
    assert (entry.event, entry.data) == ("CONNECT", ("4", "1000.2", "3"))


@pytest.mark.parametrize(
    "text", ["", "x", "soon|1|q|a|E", "1|2|3", "nan|1|q|a|E", "9" * 400 + "|a|b|c|d"]
)
def test_a_line_that_is_none_keeps_its_text_and_has_no_time(text: str) -> None:
    assert parse(text) == LogLine(at=None, line=text)


@given(st.text(max_size=200))
def test_no_line_can_break_the_reader(text: str) -> None:
    assert parse(text).line is not None


def test_a_missing_file_has_nothing_new(log: Path) -> None:
    assert read_new(log, Mark()) == ([], Mark())


def test_reading_goes_on_where_it_stopped(log: Path) -> None:
    log.write_text(lines(1, 2))
    seen, mark = drain(log, Mark())
    assert seen == ["1000.1", "1000.2"]
    with log.open("a") as file:
        file.write(lines(3))
    assert drain(log, Mark.of(mark.value()))[0] == ["1000.3"]


def test_a_half_written_line_waits_for_its_end(log: Path) -> None:
    whole = line(2)
    log.write_text(line(1) + whole[:20])
    seen, mark = drain(log, Mark())
    assert seen == ["1000.1"]
    with log.open("a") as file:
        file.write(whole[20:])
    assert drain(log, mark)[0] == ["1000.2"]


def test_a_first_line_in_two_pieces_is_read_once(log: Path) -> None:
    whole = line(1)
    log.write_text(whole[:10])
    seen, mark = drain(log, Mark())
    assert seen == []
    log.write_text(whole)
    seen, mark = drain(log, mark)
    assert seen == ["1000.1"]
    assert drain(log, mark)[0] == []


@pytest.mark.parametrize("name", ["queue_log.0", "queue_log.1", "queue_log-20261123"])
def test_a_rotated_file_is_read_to_its_end_before_the_new_one(log: Path, name: str) -> None:
    log.write_text(lines(1))
    _, mark = drain(log, Mark())
    with log.open("a") as file:
        file.write(lines(2))
    log.rename(log.with_name(name))
    log.write_text(lines(3))
    assert drain(log, mark)[0] == ["1000.2", "1000.3"]


def test_two_rotations_while_we_were_away_lose_nothing(log: Path) -> None:
    log.write_text(lines(1))
    _, mark = drain(log, Mark())
    for age, number in ((3, 2), (2, 3)):
        with log.open("a") as file:
            file.write(lines(number))
        old = log.rename(log.with_name(f"queue_log.{number}"))
        os.utime(old, (1795400000 - age, 1795400000 - age))
        log.write_text("")
    log.write_text(lines(4))
    assert drain(log, mark)[0] == ["1000.2", "1000.3", "1000.4"]


def test_a_copied_and_truncated_file_is_not_read_twice(log: Path) -> None:
    log.write_text(lines(1, 2))
    _, mark = drain(log, Mark())
    with log.open("a") as file:
        file.write(lines(3))
    log.with_name("queue_log.1").write_text(log.read_text())
    log.write_text(lines(4))
    assert drain(log, mark)[0] == ["1000.3", "1000.4"]


def test_a_file_that_is_gone_for_good_starts_again_with_what_is_new(log: Path) -> None:
    log.write_text(lines(1, 2))
    _, mark = drain(log, Mark())
    log.unlink()
    log.write_text(lines(5, 6))
    seen, mark = drain(log, mark)
    assert seen == ["1000.5", "1000.6"]
    assert drain(log, mark)[0] == []


def test_packed_old_files_are_left_alone(log: Path) -> None:
    log.write_text(lines(1))
    log.with_name("queue_log.2.gz").write_bytes(b"\x1f\x8b\x00")
    assert drain(log, Mark())[0] == ["1000.1"]


def test_a_flood_is_read_in_pieces_and_whole(log: Path) -> None:
    numbers = list(range(30_000))
    log.write_text(lines(*numbers))
    first, _ = read_new(log, Mark())
    assert 0 < len(first) < 30_000
    assert drain(log, Mark())[0] == [f"1000.{number}" for number in numbers]


def test_bytes_that_are_no_text_do_not_stop_the_tail(log: Path) -> None:
    log.write_bytes(b"\xff\xfe|\x00|\n" + line(1).encode())
    assert drain(log, Mark())[0] == ["", "1000.1"]
