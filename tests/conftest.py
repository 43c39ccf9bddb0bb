"""Fixtures that every room's tests may use."""

pytest_plugins = (
    "support.asterisk",
    "support.postgresql",
    "support.redis",
    "support.ground",
    "support.rules_floor",
)
