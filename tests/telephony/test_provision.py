"""asterisk-config/ filled in: the same twice, secrets of its own, nothing that a value could smuggle in."""

import re
import stat
from pathlib import Path
from typing import Any

import pytest
from support.asterisk import settings_for

from telephony.install import AsteriskInstall
from telephony.instance import InstancePaths
from telephony.provision import TEMPLATES, ami_secret, render, seat_secret
from telephony.queue_config import QueueConfig, store
from telephony.template import UnsafeValue


def rendered(folder: Path, name: str) -> str:
    return (InstancePaths(folder).etc / name).read_text()


def test_rendering_twice_changes_nothing(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert "extensions.d/30-queue.conf" in render(settings, tmp_path / "a")
    assert render(settings, tmp_path / "a") == []


def test_a_changed_setting_changes_its_file_alone(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    render(settings, tmp_path / "a")
    assert render(settings.model_copy(update={"ring_seconds": 33}), tmp_path / "a") == [
        "queues.conf"
    ]


def test_a_file_that_is_no_template_of_ours_does_not_stay(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    render(settings, tmp_path / "a")
    stray = InstancePaths(tmp_path / "a").etc / "extensions.d" / "99-open.conf"
    stray.write_text("[from-trunk]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@trunk)\n")
    assert render(settings, tmp_path / "a") == ["extensions.d/99-open.conf"]
    assert not stray.exists()


def test_every_installation_has_secrets_of_its_own_that_only_its_owner_reads(
    tmp_path: Path,
) -> None:
    """X97, spec telephony 12: SIP and AMI secrets are generated per installation."""
    one, two = settings_for(tmp_path / "one"), settings_for(tmp_path / "two")
    secrets = [
        make(s) for s in (one, two) for make in (ami_secret, lambda s: seat_secret(s, "seat01"))
    ]
    assert len(set(secrets)) == 4
    assert all(len(secret) >= 32 for secret in secrets)
    render(one, tmp_path / "a")
    assert ami_secret(one) in rendered(tmp_path / "a", "manager.conf")
    files = InstancePaths(tmp_path / "a").etc.rglob("*.conf")
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_templates_hold_no_secret_and_no_address(tmp_path: Path) -> None:
    for path in TEMPLATES.rglob("*.conf"):
        for line in path.read_text().splitlines():
            if re.match(r"\s*(secret|password|match|bind|port)\s*=", line):
                assert "@{" in line, f"{path.name}: {line}"


def test_every_place_in_every_template_is_filled(tmp_path: Path) -> None:
    render(settings_for(tmp_path), tmp_path / "a")
    for path in InstancePaths(tmp_path / "a").etc.rglob("*.conf"):
        assert "@{" not in path.read_text(), path.name


def test_only_the_numbers_of_the_hotline_come_in(tmp_path: Path) -> None:
    render(settings_for(tmp_path, numbers=["12345", "8890"]), tmp_path / "a")
    text = rendered(tmp_path / "a", "extensions.d/10-inbound.conf")
    trunk = text.split("[inbound]")[0]
    assert re.findall(r"exten => (\S+),1,", trunk) == ["12345", "8890"]


def test_what_an_emergency_dials_are_four_numbers_over_the_ways_that_were_set(
    tmp_path: Path,
) -> None:
    """Spec telephony 7 and 12: named routes, no other number, 122 may be 110."""
    ways = {"emergency_trunk_a": "10.0.0.1:5060", "emergency_duty_desk": "duty.example"}
    settings = settings_for(tmp_path, **ways, emergency_instead={"122": "110"})
    render(settings, tmp_path / "a")
    text = rendered(tmp_path / "a", "extensions.d/50-emergency.conf")
    numbers = re.findall(r"exten => (\d+),1,Set\(__EMERGENCY_NUMBER=(\d+)\)", text)
    assert numbers == [("110", "110"), ("119", "119"), ("120", "120"), ("122", "110")]
    dialled = re.findall(r"emergency-dial,s,1\(([\w-]+),(\S+)\)\)", text)
    assert dialled == [
        ("trunk-a", "PJSIP/${EMERGENCY_NUMBER}@emergency-trunk-a"),
        ("duty-desk", "PJSIP/${EMERGENCY_NUMBER}@emergency-duty-desk"),
    ]
    section = rendered(tmp_path / "a", "pjsip.conf").split("[emergency](!)")[1]
    contacts = re.findall(r"^contact = (\S+)", section, re.M)
    assert contacts == ["sip:10.0.0.1:5060", "sip:duty.example"]


def test_without_a_way_to_a_desk_key_9_leads_to_a_person(tmp_path: Path) -> None:
    render(settings_for(tmp_path), tmp_path / "a")
    assert "HOTLINE_EMERGENCY = no" in rendered(tmp_path / "a", "extensions.conf")


def test_only_the_hotline_itself_dials_out() -> None:
    """Spec 12: inbound never includes outbound. What a caller or a telephone can reach dials emergency desks alone."""
    dialled, leading = set(), {}
    for path in (TEMPLATES / "extensions.d").glob("*.conf"):
        context = ""
        for line in path.read_text().splitlines():
            if line.startswith("["):
                context = line.strip("[]")
            elif not line.lstrip().startswith(";"):
                assert not re.search(r"Originate\(|System\(|include\s*=>", line), line
                if "Dial(" in line:
                    dialled.add(context)
                leading[context] = leading.get(context, "") + line
    assert dialled == {"callback", "emergency-dial"}
    for context, code in leading.items():
        assert not re.search(r"\bcallback\b", code), context


def dialling(folder: Path) -> list[str]:
    """Return the lines of the rendered dialplan that could lead outside."""
    files = sorted((InstancePaths(folder).etc / "extensions.d").glob("*.conf"))
    lines = [line for path in files for line in path.read_text().splitlines()]
    outside = re.compile(r"Dial\(|Originate\(|System\(|include\s*=>")
    return [line for line in lines if not line.lstrip().startswith(";") and outside.search(line)]


def test_rules_may_dial_one_number_of_the_allow_list_and_no_other(tmp_path: Path) -> None:
    """Spec telephony 12: no outbound dialling except through a named context with an allow-list."""
    settings = settings_for(tmp_path, duty_mobiles=["13900000999"])
    render(settings, tmp_path / "a")
    shipped = len(dialling(tmp_path / "a"))
    for number, lines in (("13900000999", 1), ("13900000998", 0)):
        store(QueueConfig(overflow_number=number, unstaffed_to_overflow=True), tmp_path)
        render(settings, tmp_path / "a")
        assert len(dialling(tmp_path / "a")) == shipped + lines
        after = "overflow" if lines else "message"
        text = rendered(tmp_path / "a", "extensions.d/28-rules.conf")
        assert f"HOTLINE_AFTER_UNSTAFFED = {after}" in text
        assert "HOTLINE_AFTER_TIMED_OUT = message" in text


def test_rules_that_were_applied_are_rendered_at_the_next_start(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    render(settings, tmp_path / "a")
    store(QueueConfig(version=7, strategy="random", ring_seconds=20), tmp_path)
    assert render(settings, tmp_path / "a") == ["extensions.d/28-rules.conf", "queues.conf"]
    assert "strategy = random\ntimeout = 20\n" in rendered(tmp_path / "a", "queues.conf")
    (tmp_path / "queue.json").write_text("{spoilt")
    assert render(settings, tmp_path / "a") == ["extensions.d/28-rules.conf", "queues.conf"]


def test_every_context_says_who_may_arrive() -> None:
    for path in (TEMPLATES / "extensions.d").glob("*.conf"):
        lines = path.read_text().splitlines()
        for before, line in zip(["", *lines], lines, strict=False):
            assert not line.startswith("[") or before.startswith(";"), f"{path.name}: {line}"


@pytest.mark.parametrize(
    "change",
    [
        {"numbers": ["_X."]},
        {"numbers": ["12345,1,System(id)"]},
        {"emergency_trunk_a": "10.0.0.1:5060\ncontext=from-seat"},
        {"emergency_trunk_a": "10.0.0.1;x"},
        {"emergency_instead": {"122": "900123456"}},
        {"queue": "hotline]\n[other"},
        {"agi_host": "a\nexten => s,1,System(id)"},
        {"trunk_host": "127.0.0.2;"},
        {"trunk_out": "127.0.0.2:5060,45)\nexten => s,1,System(id)"},
        {"ami_user": "general\nsecret = x"},
        {"ami_secret": "x\nread = all"},
    ],
)
def test_a_setting_cannot_smuggle_a_line_in(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(UnsafeValue):
        render(settings_for(tmp_path, **change), tmp_path / "a")


def test_modules_that_the_asterisk_at_hand_lacks_are_left_out_and_opus_with_them(
    tmp_path: Path,
) -> None:
    """Opus without a codec could be negotiated and not be transcoded: silence."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "app_queue.so").touch()
    install = AsteriskInstall(("asterisk",), "20.6.0", modules, tmp_path)
    render(settings_for(tmp_path), tmp_path / "a", install)
    loaded = re.findall(r"^load = (.*)$", rendered(tmp_path / "a", "modules.conf"), re.MULTILINE)
    assert loaded == ["app_queue.so"]
    assert "allow = ulaw,alaw" in rendered(tmp_path / "a", "pjsip.conf")
    assert f"astmoddir = {modules}" in rendered(tmp_path / "a", "asterisk.conf")


def test_there_are_as_many_seats_as_the_hall_has_and_they_are_browsers(tmp_path: Path) -> None:
    render(settings_for(tmp_path, physical_seats=3), tmp_path / "a")
    text = rendered(tmp_path / "a", "pjsip.conf")
    assert re.findall(r"^\[(seat\d+)\]\(seat\)", text, re.MULTILINE) == [
        "seat01",
        "seat02",
        "seat03",
    ]
    assert "webrtc = yes" in text
    assert "device_state_busy_at = 1" in text


def test_music_of_the_installation_is_not_replaced(tmp_path: Path) -> None:
    settings, paths = settings_for(tmp_path), InstancePaths(tmp_path / "a")
    render(settings, paths.folder)
    assert (paths.moh / "waiting.wav").stat().st_size > 100_000
    (paths.moh / "waiting.wav").rename(paths.moh / "own.wav")
    render(settings, paths.folder)
    assert [path.name for path in paths.moh.iterdir()] == ["own.wav"]
