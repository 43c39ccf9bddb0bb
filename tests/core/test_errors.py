from core.errors import HotlineError, NotFound


class SeatGone(HotlineError):
    code, status = "SEAT_GONE", 409
    zh, en = "坐席 {seat} 不存在", "Seat {seat} does not exist"


def test_a_rendering_carries_code_both_texts_and_details() -> None:
    assert SeatGone(seat="03").rendering() == {
        "code": "SEAT_GONE",
        "zh": "坐席 03 不存在",
        "en": "Seat 03 does not exist",
        "details": {"seat": "03"},
    }


def test_a_missing_detail_becomes_a_dash_and_never_a_second_error() -> None:
    assert NotFound().rendering()["en"] == "Not found: —"
