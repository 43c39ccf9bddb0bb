"""Fixtures that every room's tests may use."""

import os

# The suite runs at night and on Sundays too: unless a test says otherwise the plan opens as many seats at any hour.
os.environ["HOTLINE_NIGHT_SEATS"] = "10"

pytest_plugins = (
    "support.asterisk",
    "support.postgresql",
    "support.redis",
    "support.ground",
    "support.rules_floor",
)
