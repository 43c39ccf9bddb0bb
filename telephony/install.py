"""Finding an Asterisk to run: the host's own from version 20 on, else a Debian tree of our own, built once."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import HotlineError

OLDEST = 20
SUITE = "forky"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
RECIPE = (
    "--variant=minbase",
    f"--keyring={KEYRING}",
    "--include=asterisk,ca-certificates",
    # A mirror may be some weeks old; signatures are checked all the same.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Apt::Install-Recommends "false"',
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
)

Progress = Callable[[str], None]


class AsteriskNotAvailable(HotlineError):
    code, status = "ASTERISK_NOT_AVAILABLE", 503
    zh = "没有可用的 Asterisk:{reason}"
    en = (
        "No Asterisk can be run here: {reason}. Install an Asterisk of version 20 or later, "
        "or set HOTLINE_ASTERISK_HOST to one that runs elsewhere"
    )


@dataclass(frozen=True)
class AsteriskInstall:
    """How to run one Asterisk: the words before its arguments, its environment, where its parts lie."""

    command: tuple[str, ...]
    version: str
    modules: Path
    documentation: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def has_module(self, name: str) -> bool:
        return (self.modules / name).exists()


def find_or_build_asterisk(progress: Progress | None = None) -> AsteriskInstall:
    """Return an Asterisk of version 20 or later; builds a tree of about 350 MB when there is none.

    Building takes about half a minute, needs root and mmdebstrap, and happens once: the tree is
    cached outside the checkout. Raises AsteriskNotAvailable with the reason.
    """
    progress = progress or _print
    return _on_host() or _in_tree(_cached_tree(progress))


def find_asterisk() -> AsteriskInstall | None:
    """Return the Asterisk that `find_or_build_asterisk` would return without building, else None."""
    tree = _tree_path()
    return _on_host() or (_in_tree(tree) if tree.exists() else None)


def version_of(said: str) -> tuple[int, str]:
    """Return (major, text) of what `asterisk -V` says; (0, '') when it says nothing of the kind."""
    found = re.search(r"Asterisk (?:certified[-/])?((\d+)[\w.~+-]*)", said)
    return (int(found[2]), found[1]) if found else (0, "")


def mirror_in(targets: str, codename: str) -> str:
    """Return the address of the Debian mirror in the lines `RELEASE COMPONENT URI` of apt, '' for none."""
    for line in targets.splitlines():
        release, component, address = [*line.split(), "", "", ""][:3]
        if release == codename and component == "main" and "debian" in address:
            return address
    return ""


def _on_host() -> AsteriskInstall | None:
    program = shutil.which(
        "asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    )
    if program is None:
        return None
    major, version = version_of(_output(program, "-V"))
    modules = _first(
        Path("/usr"), "lib/*/asterisk/modules", "lib/asterisk/modules", "lib64/asterisk/modules"
    )
    documents = next(
        (
            p
            for p in map(Path, ("/usr/share/asterisk", "/var/lib/asterisk"))
            if (p / "documentation").is_dir()
        ),
        None,
    )
    if major < OLDEST or modules is None or documents is None:
        return None
    return AsteriskInstall((program,), version, modules, documents / "documentation")


def _in_tree(tree: Path) -> AsteriskInstall:
    """Run the tree's program by the tree's own loader: no chroot, no root, same paths inside and outside."""
    loader = _first(
        tree / "usr", "lib64/ld-linux-*.so.*", "lib/*/ld-linux-*.so.*", "lib/ld-linux-*.so.*"
    )
    libraries = _first(tree / "usr", "lib/*-linux-gnu")
    if loader is None or libraries is None:
        raise AsteriskNotAvailable(reason=f"{tree} is incomplete; remove it and start again")
    command = (
        str(loader),
        "--library-path",
        f"{libraries}:{libraries}/asterisk",
        str(tree / "usr/sbin/asterisk"),
    )
    environment = {
        "OPENSSL_CONF": str(tree / "etc/ssl/openssl.cnf"),
        "OPENSSL_MODULES": str(libraries / "ossl-modules"),
        "LC_ALL": "C.UTF-8",
    }
    return AsteriskInstall(
        command,
        version_of(_output(*command, "-V"))[1],
        libraries / "asterisk/modules",
        tree / "usr/share/asterisk/documentation",
        environment,
    )


def cache_folder() -> Path:
    """Return where trees are kept between checkouts."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "yingkou-12345"


def _tree_path() -> Path:
    recipe = hashlib.sha256("\n".join((SUITE, *RECIPE)).encode()).hexdigest()[:12]
    return cache_folder() / f"asterisk-{SUITE}-{recipe}"


def _cached_tree(progress: Progress) -> Path:
    tree = _tree_path()
    if not tree.exists():
        cache_folder().mkdir(parents=True, exist_ok=True)
        with _alone(tree.with_suffix(".lock"), progress):
            if not tree.exists():
                _build(tree, progress)
    return tree


def _build(tree: Path, progress: Progress) -> None:
    """Build beside the final place and rename at the end: an interrupted build is never used."""
    mirror = _mirror_or_refuse()
    for left_over in tree.parent.glob(f"{tree.name}.building-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    unfinished = tree.with_name(f"{tree.name}.building-{uuid.uuid4().hex[:8]}")
    progress(f"Building a Debian {SUITE} tree with Asterisk (about 350 MB, half a minute) …")
    command = ["mmdebstrap", *RECIPE, SUITE, str(unfinished), mirror]
    try:
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as builder:
            said = [_tell(progress, line) for line in builder.stderr or ()]
        if builder.returncode:
            raise AsteriskNotAvailable(reason="mmdebstrap failed: " + " | ".join(said[-3:]))
        unfinished.rename(tree)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    progress(f"Asterisk is ready in {tree}")


def _mirror_or_refuse() -> str:
    if os.geteuid() != 0:
        raise AsteriskNotAvailable(reason="building one needs root (sudo)")
    if shutil.which("mmdebstrap") is None:
        raise AsteriskNotAvailable(reason="building one needs the package mmdebstrap")
    if not KEYRING.exists():
        raise AsteriskNotAvailable(reason="building one needs the package debian-archive-keyring")
    mirror = mirror_in(
        _output("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"),
        _codename(),
    )
    if not mirror:
        raise AsteriskNotAvailable(reason="apt's sources name no Debian mirror to build one from")
    return mirror


def _codename() -> str:
    found = re.search(
        r"^VERSION_CODENAME=\"?(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE
    )
    return found[1] if found else ""


@contextmanager
def _alone(lock: Path, progress: Progress) -> Iterator[None]:
    """Hold `lock` against another builder, in this process or any other."""
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Another process is building the Asterisk tree; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _first(folder: Path, *patterns: str) -> Path | None:
    return next((path for pattern in patterns for path in sorted(folder.glob(pattern))), None)


def _output(*command: str) -> str:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=30, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _tell(progress: Progress, line: str) -> str:
    progress(f"  {line.strip()}")
    return line.strip()


def _print(line: str) -> None:
    sys.stderr.write(line + "\n")
