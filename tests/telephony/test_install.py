"""Finding or building an Asterisk, without building one."""

import os
from pathlib import Path

import pytest

from telephony import install
from telephony.install import AsteriskNotAvailable, find_or_build_asterisk, mirror_in, version_of

APT = """
bookworm main http://mirror.example/debian/
bookworm-updates main http://mirror.example/debian/
bookworm-security main http://mirror.example/debian-security/
nodistro main https://elsewhere.example/node/
"""


@pytest.mark.parametrize(
    ("said", "major"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17-1", 22),
        ("Asterisk 20.6.0~dfsg+~cs6.13-2build5", 20),
        ("Asterisk certified/20.7-cert2", 20),
        ("Asterisk certified-18.9-cert1", 18),
        ("bash: asterisk: command not found", 0),
        ("", 0),
    ],
)
def test_the_version_is_read_from_what_asterisk_says(said: str, major: int) -> None:
    assert version_of(said)[0] == major


def test_the_mirror_is_the_hosts_own() -> None:
    assert mirror_in(APT, "bookworm") == "http://mirror.example/debian/"


def test_a_host_without_a_debian_mirror_gives_none() -> None:
    assert mirror_in("noble main http://mirror.example/ubuntu/", "noble") == ""


@pytest.fixture
def no_asterisk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(install, "_on_host", lambda: None)
    return tmp_path


def test_without_root_the_refusal_says_what_to_do(
    no_asterisk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AsteriskNotAvailable, match=r"root.*HOTLINE_ASTERISK_HOST"):
        find_or_build_asterisk(lambda _: None)


def test_without_mmdebstrap_the_refusal_names_it(
    no_asterisk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(no_asterisk))
    with pytest.raises(AsteriskNotAvailable, match="mmdebstrap"):
        find_or_build_asterisk(lambda _: None)


def test_a_build_that_breaks_off_leaves_no_tree_behind(
    no_asterisk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = no_asterisk / "bin" / "mmdebstrap"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\nfor word; do case "$word" in *building*) mkdir -p "$word/usr";; esac; done\n'
        'echo "E: the mirror is gone" >&2\nexit 25\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(install, "_mirror_or_refuse", lambda: "http://mirror.example/debian")
    lines: list[str] = []
    with pytest.raises(AsteriskNotAvailable, match="the mirror is gone"):
        find_or_build_asterisk(lines.append)
    assert any("the mirror is gone" in line for line in lines)
    assert [path.name for path in (no_asterisk / "yingkou-12345").iterdir() if path.is_dir()] == []
