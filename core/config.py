"""All settings, and the only place that reads the environment (prefix HOTLINE_, or a .env file)."""

import secrets
from datetime import time
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import HotlineError

DEMO_SECRET = "demo-secret-not-for-production"


class DefaultSecretRefused(HotlineError):
    code, status = "DEFAULT_SECRET_REFUSED", 500
    zh = "非演示模式不得使用默认密钥:请设置 {missing}"
    en = "Default secrets are refused outside demo mode: set {missing}"


class Settings(BaseSettings):
    """Everything that an installation may set; each field is HOTLINE_<NAME> in the environment."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", env_file=".env", extra="ignore")

    demo: bool = False
    data_dir: Path = Path("var")
    secret_key: SecretStr = SecretStr(DEMO_SECRET)
    log_json: bool = False

    # The web server; `public_origin` is what browsers may send as Origin besides host:port.
    host: str = "127.0.0.1"
    port: int = 12345
    public_origin: str = ""
    session_hours: int = 12

    database_url: str = ""  # default: SQLite in data_dir
    redis_url: str = ""  # default: events stay in this process

    # The switch. With `asterisk_host` empty we run our own; otherwise an existing one is used.
    asterisk_host: str = ""
    ami_port: int = 5038
    ami_user: str = "hotline"
    ami_secret: SecretStr = SecretStr("")  # empty: generated into data_dir
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    sip_ws_port: int = 8088  # Asterisk's HTTP server, path /ws
    sip_ws_url: str = ""  # what browsers are told; default ws://<sip_host>:<sip_ws_port>/ws
    rtp_start: int = 20000
    rtp_end: int = 21000
    trunk_host: str = "127.0.0.2"  # address the trunk's calls come from
    trunk_out: str = ""  # host:port that takes our calls; default trunk_host:5060

    # The ways to the emergency desks, host:port of a SIP trunk or telephone, tried in this order; "" is left out.
    emergency_trunk_a: str = ""
    emergency_trunk_b: str = ""
    emergency_duty_desk: str = ""
    emergency_ring_seconds: int = Field(default=15, ge=5, le=60)
    emergency_instead: dict[str, str] = {}  # {"122": "110"} where one desk answers for both
    trunk_port: int = 5060  # where calls to the trunk go

    # The hotline itself.
    numbers: list[str] = Field(default=["12345", "2881111", "8890"])
    test_numbers: list[str] = []  # callers whose calls are tests and stand in no figure
    queue: str = "hotline"
    physical_seats: int = Field(default=12, ge=1, le=1000)
    manager_phones: int = Field(
        default=4, ge=0, le=100
    )  # SIP accounts for shift leaders without a seat
    # The seat plan where nothing else was said: working days by day, and evenings, weekends and holidays.
    open_seats: int = Field(default=10, ge=1, le=1000)
    night_seats: int = Field(default=2, ge=1, le=1000)
    day_begins: time = time(8)
    day_ends: time = time(17, 30)
    ring_seconds: int = Field(default=15, ge=5, le=120)
    wrap_up_seconds: int = Field(default=120, ge=1, le=3600)
    lease_grace_seconds: int = Field(default=30, ge=1, le=600)
    recording: bool = True
    # The only numbers that queue rules may send a caller on to, through the trunk.
    duty_mobiles: list[str] = Field(default_factory=list)

    # Calling back those who left unserved; the hours are Yingkou's.
    callback_least_wait_seconds: float = Field(default=5, ge=0, le=600)
    callback_attempts: int = Field(default=3, ge=1, le=20)
    callback_retry_minutes: float = Field(default=15, ge=0, le=1440)
    callback_claim_minutes: float = Field(default=10, gt=0, le=1440)
    callback_overdue_minutes: float = Field(default=60, gt=0, le=10080)
    callback_from: time = time(8, 0)
    callback_until: time = time(21, 0)
    # A big screen stays signed in; everybody else has session_hours.
    screen_session_days: int = Field(default=30, ge=1, le=366)
    roster_required: bool = False  # only who is on the published roster may sign in

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve()}/hotline.db"

    @property
    def emergency_routes(self) -> dict[str, str]:
        """The routes that exist, in the order of trial: name -> host:port."""
        named = {
            "trunk-a": self.emergency_trunk_a,
            "trunk-b": self.emergency_trunk_b,
            "duty-desk": self.emergency_duty_desk,
        }
        return {name: address for name, address in named.items() if address}

    @property
    def own_asterisk(self) -> bool:
        return not self.asterisk_host

    @property
    def ami_host(self) -> str:
        return self.asterisk_host or "127.0.0.1"

    @property
    def trunk_out_address(self) -> str:
        return self.trunk_out or f"{self.trunk_host}:5060"

    @property
    def sip_ws_address(self) -> str:
        return self.sip_ws_url or f"ws://{self.sip_host}:{self.sip_ws_port}/ws"

    @model_validator(mode="after")
    def _refuse_default_secrets(self) -> Self:
        if not self.demo and self.secret_key.get_secret_value() == DEMO_SECRET:
            raise DefaultSecretRefused(missing="HOTLINE_SECRET_KEY")
        return self

    def generated(self, name: str) -> str:
        """Return the secret `name` of this installation, made on first use into data_dir (mode 0600)."""
        path = self._secret(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(32))
        return path.read_text().strip()

    def has_generated(self, name: str) -> bool:
        """Return whether the secret `name` was made before: some must never be made a second time."""
        return self._secret(name).exists()

    def _secret(self, name: str) -> Path:
        return self.data_dir / "secrets" / name
