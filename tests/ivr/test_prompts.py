"""Prompts: the text that goes in, the sound that comes out, and what is done the second time."""

import math
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.prompts import (
    MAX_SECONDS,
    PromptProblem,
    PromptText,
    build_prompts,
    catalogue,
    check_prompts,
    pinyin_of,
)
from telephony import sound

FEW = {
    "greeting": catalogue()["greeting"],
    "digit_1_yao": "幺",
    "goodbye": "感谢您的来电,再见。",
    "silence": "",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    report = build_prompts(folder, FEW)
    assert set(report.made) == set(FEW)
    assert report.problems == ()
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "sounds"))


def seconds(path: Path) -> float:
    samples, rate = sound.read_wav(path)
    return len(samples) / rate


def test_the_greeting_is_ten_seconds_at_most_and_not_a_stub(built: Path) -> None:
    assert 5 < seconds(built / "greeting.wav") <= MAX_SECONDS["greeting"] == 10.0


def test_all_prompts_are_8_khz_and_equally_loud(built: Path) -> None:
    for name in FEW.keys() - {"silence"}:
        samples, rate = sound.read_wav(built / f"{name}.wav")
        assert rate == 8000
        assert sound.speech_level(samples) == pytest.approx(sound.SPEECH_LEVEL, abs=1.5)
        assert max(map(abs, samples)) < 0.95


def test_speech_has_the_rhythm_of_as_many_syllables_as_the_text(built: Path) -> None:
    """Engines that do not know Mandarin read letters or say nothing: 5 to 7 syllables a second are speech."""
    syllables = len([c for c in FEW["greeting"] if c.isalpha()])
    assert 4 < syllables / seconds(built / "greeting.wav") < 8


def test_the_second_build_touches_nothing(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    report = build_prompts(folder, FEW)
    assert (report.made, set(report.unchanged)) == ((), set(FEW))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_changed_text_is_spoken_anew_and_the_others_are_not(folder: Path) -> None:
    report = build_prompts(folder, {**FEW, "goodbye": "再见。"})
    assert report.made == ("goodbye",)


def test_a_recording_put_in_place_is_never_overwritten(folder: Path) -> None:
    recording = [0.3 * math.sin(n / 3) for n in range(8000)]
    sound.write_wav(folder / "goodbye.wav", recording)
    before = (folder / "goodbye.wav").read_bytes()
    report = build_prompts(folder, {**FEW, "goodbye": "再见。"})
    assert report.replaced == ("goodbye",)
    assert (folder / "goodbye.wav").read_bytes() == before


def test_a_lost_file_is_made_again(folder: Path) -> None:
    (folder / "digit_1_yao.wav").unlink()
    assert check_prompts(folder, FEW) == [PromptProblem("digit_1_yao", "missing")]
    assert build_prompts(folder, FEW).made == ("digit_1_yao",)
    assert check_prompts(folder, FEW) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ([0.0001] * 8000, "silent"),
        ([0.2 * math.sin(n / 3) for n in range(81_000)], "too_long"),
        (b"not a sound", "format"),
        (b"", "format"),
    ],
)
def test_the_check_finds_a_bad_recording(
    folder: Path, content: list[float] | bytes, problem: str
) -> None:
    path = folder / "greeting.wav"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        sound.write_wav(path, content)
    assert [(p.prompt, p.problem) for p in check_prompts(folder, FEW)] == [("greeting", problem)]


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("您好,营口幺二三四五热线。", "nin2 hao3 , ying2 kou3 yao1 er4 san1 si4 wu3 re4 xian4 ."),
        ("银行的行长要重新充电", "yin2 hang2 de5 hang2 zhang3 yao4 chong2 xin1 chong1 dian4"),
        ("不正确", "bu2 zheng4 que4"),
        ("", ""),
    ],
)
def test_the_engine_gets_the_right_syllables(text: str, pinyin: str) -> None:
    assert pinyin_of("p", text) == pinyin


@pytest.mark.parametrize("text", ["请拨12345", "press one", "营口(市)", "王😀"])
def test_what_cannot_be_read_out_is_refused(text: str) -> None:
    with pytest.raises(PromptText):
        pinyin_of("p", text)


def test_every_shipped_text_can_be_read_out_and_says_what_the_greeting_must() -> None:
    texts = catalogue()
    for name, text in texts.items():
        assert pinyin_of(name, text) or name == "silence"
    for word in (
        "咨询按一",
        "投诉举报按二",
        "查进度按三",
        "人工按零",
        "按九",
        "报警",
        "火警",
        "急救",
        "交通事故",
    ):
        assert word in texts["greeting"]
    assert "幺二三四五" in texts["greeting"]


def tone(hertz: float, rate: int, length: float = 0.5) -> list[float]:
    return [0.5 * math.sin(math.tau * hertz * n / rate) for n in range(int(rate * length))]


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100])
def test_resampling_keeps_what_a_telephone_carries_and_stops_the_rest(rate: int) -> None:
    kept = sound.to_8k(tone(1_000, rate), rate)
    stopped = sound.to_8k(tone(5_000, rate), rate)
    assert len(kept) == pytest.approx(4_000, abs=2)
    assert sound.level(kept) == pytest.approx(sound.level(tone(1_000, 8_000)), abs=0.3)
    assert sound.level(stopped[100:-100]) < -50


def test_resampling_keeps_the_pitch() -> None:
    kept = sound.to_8k(tone(1_000, 22_050), 22_050)
    crossings = sum(1 for a, b in pairwise(kept) if a < 0 <= b)
    assert crossings == pytest.approx(500, abs=2)


def test_silence_stays_silence() -> None:
    assert sound.normalised([0.0] * 800) == [0.0] * 800
    assert sound.trimmed([0.0] * 800) == []
