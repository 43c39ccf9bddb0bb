"""What a measurement amounts to: one row of the table, with its baseline of the same run and its target."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure; `ratio` is value over `baseline`, both of this run. `target` says what is wanted of it."""

    part: str
    what: str
    value: float
    unit: str
    baseline: float | None = None
    against: str = ""
    target: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.baseline else None


def quantile(values: Sequence[float], q: float) -> float:
    """Return the value below which the share `q` of the values lies; nan when there are none."""
    if not values:
        return float("nan")
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def render(rows: Sequence[Row]) -> str:
    """Return the rows as one table of text."""
    head = ("part", "what", "value", "unit", "baseline", "ratio", "target", "")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(_aligned(line, widths) for line in lines)


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{**asdict(row), "ratio": row.ratio} for row in rows]


def machine() -> dict[str, Any]:
    """Return where and beside how much other work this was measured."""
    with open("/proc/cpuinfo") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {
        "cores": os.cpu_count(),
        "cpu": models[0] if models else platform.machine(),
        "python": platform.python_version(),
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def _cells(row: Row) -> tuple[str, ...]:
    baseline = "" if row.baseline is None else f"{_number(row.baseline)} {row.against}".strip()
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return (row.part, row.what, _number(row.value), row.unit, baseline, ratio, row.target, met)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if column in (2, 5) else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
