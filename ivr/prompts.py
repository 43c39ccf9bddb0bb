"""Mandarin audio for every prompt: made from text at set-up, kept when unchanged, checked before use.

The voice is a placeholder: a formant synthesiser, understandable and ugly. Replace any file by a
recording of the same name (8 kHz, 16 bit, mono WAV); a replaced file is never overwritten.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from core.errors import HotlineError
from telephony import sound

CATALOGUE = Path(__file__).with_name("prompts.yaml")
SILENCE = "silence"
"""A prompt of no sound, needed where Asterisk wants a file while it collects digits."""

MAX_SECONDS = {"greeting": 10.0}
DEFAULT_MAX_SECONDS = 20.0
MIN_LEVEL = -40.0
_RATES = (190, 205, 220, 235)
"""Words a minute: the next one is tried while a prompt is longer than it may be."""

_SLOW = 120

_VERSION = "espeak-ng cmn-latn-pinyin 3"  # part of the hash: raise it when the sound changes
_MANIFEST = ".prompts.json"
_SYLLABLE = re.compile(r"[a-z]+[1-5]")
_PAUSES = str.maketrans({"、": ",", ",": ",", "。": ".", ":": ",", ";": ",", "?": "?", "!": "!"})


class PromptText(HotlineError):
    code, status = "PROMPT_TEXT", 422
    zh = "语音“{prompt}”含有无法朗读的内容:{what}"
    en = "Prompt '{prompt}' holds something that cannot be read out: {what}"


class VoiceFailed(HotlineError):
    code, status = "VOICE_FAILED", 500
    zh = "语音合成失败:{what}"
    en = "The speech engine failed: {what}"


@dataclass(frozen=True, slots=True)
class PromptProblem:
    prompt: str
    problem: str  # missing | format | silent | too_long
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PromptReport:
    """What was done: made anew, left because unchanged, left because somebody put a recording there."""

    made: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    problems: tuple[PromptProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    pinyin: str
    hash: str


def catalogue(path: Path = CATALOGUE) -> dict[str, str]:
    """Return prompt name -> Mandarin text, `silence` with an empty one."""
    texts: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
    return {**texts, SILENCE: ""}


def pinyin_of(prompt: str, text: str) -> str:
    """Return the syllables with tone digits that the engine gets; PromptText if anything else is left.

    Arabic numerals are refused: 12345 must be written as it is to be read, 幺二三四五.
    """
    # Its dictionary takes most of a second to load: only who makes prompts waits for it.
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(
        text.translate(_PAUSES),
        style=Style.TONE3,
        neutral_tone_with_five=True,
        tone_sandhi=True,
    )
    for syllable in syllables:
        if not _SYLLABLE.fullmatch(syllable) and syllable.strip(" ,.?!"):
            raise PromptText(prompt=prompt, what=syllable)
    return " ".join(syllables)


def build_prompts(folder: Path, texts: Mapping[str, str] | None = None) -> PromptReport:
    """Bring `folder` (Asterisk's sounds/hotline) up to date with the catalogue and check it.

    Quick when nothing changed. Raises PromptText or VoiceFailed; problems of single files are reported.
    """
    texts = catalogue() if texts is None else texts
    folder.mkdir(parents=True, exist_ok=True)
    manifest = _read_manifest(folder)
    jobs = [_Job(name, pinyin_of(name, text), _hash(name, text)) for name, text in texts.items()]
    replaced = tuple(job.name for job in jobs if _is_replaced(folder, job, manifest))
    stale = [
        job for job in jobs if job.name not in replaced and not _is_current(folder, job, manifest)
    ]
    if stale:
        _make(folder, stale)
        for job in stale:
            manifest[job.name] = {"hash": job.hash, "file": _digest(folder / f"{job.name}.wav")}
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    made = tuple(job.name for job in stale)
    unchanged = tuple(job.name for job in jobs if job.name not in (*made, *replaced))
    return PromptReport(made, unchanged, replaced, tuple(check_prompts(folder, texts)))


def check_prompts(folder: Path, texts: Mapping[str, str] | None = None) -> list[PromptProblem]:
    """Return every prompt that is missing, unplayable, silent or too long (the greeting: 10 s)."""
    found = (_check(folder, name) for name in (catalogue() if texts is None else texts))
    return [problem for problem in found if problem]


def _check(folder: Path, name: str) -> PromptProblem | None:
    path = folder / f"{name}.wav"
    if not path.exists():
        return PromptProblem(name, "missing")
    try:
        samples, rate = sound.read_wav(path)
    except (ValueError, EOFError, wave.Error):
        return PromptProblem(name, "format")
    seconds = len(samples) / rate
    if rate != sound.RATE:
        return PromptProblem(name, "format", seconds)
    if name != SILENCE and sound.speech_level(samples) < MIN_LEVEL:
        return PromptProblem(name, "silent", seconds)
    if seconds > MAX_SECONDS.get(name, DEFAULT_MAX_SECONDS):
        return PromptProblem(name, "too_long", seconds)
    return None


def _make(folder: Path, jobs: list[_Job]) -> None:
    """Speak all jobs, and those that turn out too long again and faster."""
    with tempfile.TemporaryDirectory(prefix="prompts") as scratch:
        waiting = [job for job in jobs if job.pinyin]
        for job in jobs:
            if not job.pinyin:
                sound.write_wav(folder / f"{job.name}.wav", [0.0] * (sound.RATE // 10))
        for rate in _RATES:
            waiting = _speak(waiting, rate, Path(scratch), folder)


def _speak(jobs: list[_Job], rate: int, scratch: Path, folder: Path) -> list[_Job]:
    """Write the jobs' files and return those that are longer than allowed."""
    if not jobs:
        return []
    orders = [
        {"pinyin": job.pinyin, "rate": _rate(job, rate), "path": str(scratch / f"{job.name}.wav")}
        for job in jobs
    ]
    tool = [sys.executable, str(Path(__file__).with_name("voice_tool.py"))]
    done = subprocess.run(
        tool, input=json.dumps(orders), capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        raise VoiceFailed(what=done.stderr.strip()[-300:])
    too_long = []
    for job in jobs:
        spoken = sound.to_8k(*sound.read_wav(scratch / f"{job.name}.wav"))
        finished = sound.normalised(sound.trimmed(spoken))
        sound.write_wav(folder / f"{job.name}.wav", finished)
        limit = MAX_SECONDS.get(job.name, DEFAULT_MAX_SECONDS)
        if len(finished) / sound.RATE > limit:
            too_long.append(job)
    return too_long


def _rate(job: _Job, rate: int) -> int:
    """One syllable alone, as digits are, is cut short at the speed of a sentence."""
    return _SLOW if len(job.pinyin.split()) <= 2 else rate


def _is_replaced(folder: Path, job: _Job, manifest: dict[str, dict[str, str]]) -> bool:
    """A file that is not the one we wrote was put there by somebody: it stays."""
    path = folder / f"{job.name}.wav"
    return path.exists() and _digest(path) != manifest.get(job.name, {}).get("file")


def _is_current(folder: Path, job: _Job, manifest: dict[str, dict[str, str]]) -> bool:
    path = folder / f"{job.name}.wav"
    return path.exists() and manifest.get(job.name, {}).get("hash") == job.hash


def _read_manifest(folder: Path) -> dict[str, dict[str, str]]:
    try:
        manifest: dict[str, dict[str, str]] = json.loads((folder / _MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest


def _hash(name: str, text: str) -> str:
    limit = MAX_SECONDS.get(name, DEFAULT_MAX_SECONDS)
    return hashlib.sha256(f"{_VERSION}|{_RATES}|{limit}|{text}".encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
