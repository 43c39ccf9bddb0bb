from itertools import pairwise
from pathlib import Path

import pytest

from telephony import sound
from telephony.waiting_music import LEVEL, make_waiting_music


def test_the_waiting_music_is_quiet_whole_and_loops_without_a_click(tmp_path: Path) -> None:
    make_waiting_music(tmp_path)
    samples, rate = sound.read_wav(tmp_path / "waiting.wav")
    assert rate == 8000
    assert len(samples) / rate > 15
    assert sound.level(samples) == pytest.approx(LEVEL, abs=0.5)
    steps = [abs(b - a) for a, b in pairwise(samples)]
    assert abs(samples[0] - samples[-1]) <= max(steps)
    tenths = [samples[i : i + 4000] for i in range(0, len(samples), 4000)]
    assert min(map(sound.level, tenths)) > -50, "no gap in which a caller thinks the line is dead"
