"""Whether the process lives, whether each part it needs is there, and its figures."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import HTTPConnection

from core.security import Principal, Role
from web.auth import Guarding
from web.metrics import Metrics

PROBE_SECONDS = 3.0

Probe = Callable[[], Awaitable[str]]
"""Returns a word about a part that works; raises what tells why it does not."""


class NotReady(Exception):
    """A part that the hotline needs is not there."""


def health_router(probes: Mapping[str, Probe], metrics: Metrics, guard: Guarding) -> APIRouter:
    """Return /healthz, /readyz (503 with the part that is missing) and /metrics."""
    router = APIRouter(tags=["health"])
    overseer = guard(Role.AUDITOR, Role.ADMIN)

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> JSONResponse:
        parts = await probe_all(probes)
        is_ready = all(part["ok"] for part in parts.values())
        return JSONResponse(
            {"ready": is_ready, "parts": parts}, status_code=200 if is_ready else 503
        )

    async def local_or_overseer(connection: HTTPConnection) -> Principal | None:
        return None if _is_loopback(connection) else await overseer(connection)

    @router.get("/metrics")
    async def figures(_who: Annotated[object, Depends(local_or_overseer)]) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router


async def probe_all(probes: Mapping[str, Probe]) -> dict[str, dict[str, object]]:
    """Return for each part: ok, what it says, and how many milliseconds it took."""
    answers = await asyncio.gather(*(_probe(probe) for probe in probes.values()))
    return dict(zip(probes, answers, strict=True))


async def _probe(probe: Probe) -> dict[str, object]:
    began = time.perf_counter()
    ok, word = False, "no answer in time"
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            word = await probe()
        ok = True
    except TimeoutError:
        pass
    except Exception as error:
        word = str(error) if isinstance(error, NotReady) else type(error).__name__
    millis = round((time.perf_counter() - began) * 1000, 1)
    return {"ok": ok, "says": word, "milliseconds": millis}


def _is_loopback(connection: HTTPConnection) -> bool:
    try:
        return connection.client is not None and ip_address(connection.client.host).is_loopback
    except ValueError:
        return False
