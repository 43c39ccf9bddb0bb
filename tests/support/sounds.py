"""The prompts that callers hear, spoken once for all test sessions of this machine."""

import fcntl
import shutil
from functools import cache
from pathlib import Path

from ivr.prompts import build_prompts
from telephony.install import cache_folder
from telephony.own_asterisk import OwnAsterisk


def give_prompts(asterisk: OwnAsterisk) -> None:
    """Put the prompts where `asterisk` plays them from; before or after its start."""
    shutil.copytree(_kept_prompts(), asterisk.paths.sounds / "hotline", dirs_exist_ok=True)


@cache
def _kept_prompts() -> Path:
    """Return the folder of the prompts as they are spoken now; only what changed is spoken anew."""
    folder = cache_folder() / "test-prompts"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build_prompts(folder)
    return folder
