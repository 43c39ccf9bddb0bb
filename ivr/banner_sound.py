"""The sound of a surge banner: spoken from its text, or an uploaded recording brought into shape."""

import io
import re
import wave
from pathlib import Path

from core.errors import HotlineError
from ivr import speak
from ivr.prompts import DEFAULT_MAX_SECONDS, MIN_LEVEL, VoiceFailed, build_prompts, pinyin_of
from telephony import sound

_NUMBER = re.compile(r"[0-9]+")
_PAUSES = re.compile("[,.;:!?、，。；：！？（）()《》“”—…\\s]+")
_SERVICES = frozenset(("110", "119", "120", "122"))
_READ_DIGIT_BY_DIGIT = 5  # from this length on a number is one to dial


class BannerSound(HotlineError):
    code, status = "BANNER_SOUND", 422
    zh = "录音不可用:需要 16 位单声道 WAV,有声音,不超过 {seconds} 秒"
    en = "The recording cannot be used: mono 16-bit WAV wanted, audible, at most {seconds} s"


def spoken_text(text: str) -> str:
    """Return the text as the voice takes it: 400 is 四百, 12345 is 幺二三四五, every mark is a pause."""

    def words(found: re.Match[str]) -> str:
        digits = found[0]
        by_digit = (
            len(digits) >= _READ_DIGIT_BY_DIGIT or digits.startswith("0") or digits in _SERVICES
        )
        return speak.text_of(speak.digits(digits) if by_digit else speak.number(int(digits)))

    return _NUMBER.sub(words, _PAUSES.sub(",", text).strip(","))


def check_text(text: str) -> None:
    """Raise PromptText naming what the voice cannot read out."""
    pinyin_of("应急播报", spoken_text(text))


def speak_banner(folder: Path, name: str, text: str) -> None:
    """Make `folder/name.wav`; VoiceFailed if the voice fails, or needs longer than a prompt may last."""
    report = build_prompts(folder, {name: spoken_text(text)})
    if report.problems:
        raise VoiceFailed(what=report.problems[0].problem)


def take_recording(folder: Path, name: str, body: bytes) -> None:
    """Make `folder/name.wav` of an uploaded WAV of any rate; BannerSound if it cannot be used."""
    try:
        samples, rate = sound.read_wav(io.BytesIO(body))
    except (ValueError, EOFError, wave.Error):
        raise BannerSound(seconds=DEFAULT_MAX_SECONDS) from None
    if not rate or len(samples) / rate > DEFAULT_MAX_SECONDS:
        raise BannerSound(seconds=DEFAULT_MAX_SECONDS)
    finished = sound.normalised(sound.trimmed(sound.to_8k(samples, rate)))
    if sound.speech_level(finished) < MIN_LEVEL:
        raise BannerSound(seconds=DEFAULT_MAX_SECONDS)
    folder.mkdir(parents=True, exist_ok=True)
    sound.write_wav(folder / f"{name}.wav", finished)
