"""The prompts that callers hear, spoken once for all test sessions of this machine."""

import fcntl
import shutil
from functools import cache

from telephony.install import cache_folder
from telephony.instance import InstancePaths
from telephony.own_asterisk import OwnAsterisk
from web.running import prepare_sounds


def give_sounds(asterisk: OwnAsterisk) -> None:
    """Put prompts where `asterisk` plays them from; before or after its start."""
    shutil.copytree(
        _kept_sounds().sounds / "hotline", asterisk.paths.sounds / "hotline", dirs_exist_ok=True
    )


@cache
def _kept_sounds() -> InstancePaths:
    kept = InstancePaths(cache_folder() / "test-sounds")
    kept.folder.mkdir(parents=True, exist_ok=True)
    with (kept.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepare_sounds(kept)
    return kept
