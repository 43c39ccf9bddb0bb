"""The folders of one Asterisk instance."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class InstancePaths:
    """Where one instance keeps what; everything is below `folder`."""

    folder: Path

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sounds(self) -> Path:
        """Prompts lie in `sounds/hotline/<name>.wav` (8 kHz, 16 bit, mono)."""
        return self.data / "sounds"

    @property
    def moh(self) -> Path:
        return self.folder / "moh"

    @property
    def recordings(self) -> Path:
        return self.folder.parent / "recordings"

    @property
    def queue_log(self) -> Path:
        return self.log / "queue_log"

    @property
    def log_file(self) -> Path:
        return self.log / "asterisk.log"

    def make(self) -> None:
        """Make the folders that are missing."""
        folders = (
            self.etc,
            self.run,
            self.log,
            self.spool,
            self.state / "keys",
            self.moh,
            self.recordings,
        )
        for folder in (*folders, self.sounds / "hotline"):
            folder.mkdir(parents=True, exist_ok=True)
