"""Roles on every endpoint (telephony spec 12): the table of who may use what, proven route by route."""

from collections.abc import Iterator
from inspect import isasyncgenfunction, isgeneratorfunction
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from web_world import WebWorld

from core.security import Role
from web.auth import GuardedBy
from web.live import LIVE_ROLES

# Open to everybody, each for a reason.
PUBLIC = {
    ("GET", "/healthz"),  # for load balancers: says only that the process lives
    ("GET", "/readyz"),  # the same, with the parts
    ("POST", "/api/session"),  # signing in
    ("GET", "/{path:path}"),  # the desktop's own files
}
# Guarded by the address as well as by role, see web/health.py.
LOCAL = {("GET", "/metrics")}

UNIT_SIDE = (Role.UNIT_HANDLER, Role.UNIT_REVIEWER, Role.UNIT_LEADER, Role.L2_HANDLER)


def routes(router: Any) -> Iterator[APIRoute | APIWebSocketRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute | APIWebSocketRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router)
        else:
            raise AssertionError(f"a route of unknown kind: {route!r}")


def guards(dependant: Dependant) -> list[GuardedBy]:
    found = [dependant.call] if isinstance(dependant.call, GuardedBy) else []
    return found + [guard for inner in dependant.dependencies for guard in guards(inner)]


def table(web: WebWorld) -> dict[tuple[str, str], list[GuardedBy]]:
    return {
        (method, route.path): guards(route.dependant)
        for route in routes(web.app)
        if isinstance(route, APIRoute)
        for method in route.methods
    }


async def test_every_route_has_a_guard_or_is_public_by_name(web: WebWorld) -> None:
    found = table(web)
    assert found.keys() >= PUBLIC | LOCAL
    unguarded = {route for route, guards in found.items() if not guards}
    assert unguarded - LOCAL == PUBLIC


async def test_the_only_socket_is_the_live_one_with_its_own_guard(web: WebWorld) -> None:
    sockets = [route.path for route in routes(web.app) if isinstance(route, APIWebSocketRoute)]
    assert sockets == ["/live"]
    assert LIVE_ROLES.isdisjoint(UNIT_SIDE)


async def test_only_the_session_itself_is_open_to_any_role(web: WebWorld) -> None:
    any_role = {route for route, found in table(web).items() if found and not found[0].roles}
    assert any_role <= {
        ("GET", "/api/session"),
        ("DELETE", "/api/session"),
        ("GET", "/api/catalogue"),
        ("GET", "/api/calendar/years/{year}"),
        ("GET", "/api/calendar/due"),
        ("GET", "/api/calendar/versions"),
        ("GET", "/api/calendar/proposals/{version_id}"),
    }


async def test_no_dependency_answers_before_its_commit(web: WebWorld) -> None:
    """A generator dependency of request scope would commit after the client has seen 200."""

    def generators(dependant: Dependant) -> list[Dependant]:
        inner = [found for each in dependant.dependencies for found in generators(each)]
        late = isasyncgenfunction(dependant.call) or isgeneratorfunction(dependant.call)
        return inner + ([dependant] if late and dependant.scope != "function" else [])

    assert not [route.path for route in routes(web.app) if generators(route.dependant)]


FILLED = {
    "call_id": "0193-none",
    "ticket_id": "1",
    "year": "2026",
    "version_id": "1",
    "entry_id": "1",
    "alarm_id": "1",
    "account_id": "1",
    "version": "1",
    "number_id": "1",
    "article_id": "1",
    "seat": "01",
    "monitor_id": "0193-none",
    "month": "2026-11",
    "absence_id": "1",
    "swap_id": "1",
    "day": "2026-11-24",
}


async def test_nobody_gets_past_the_guards_without_a_session(web: WebWorld) -> None:
    async with web.client() as client:
        for method, path in table(web).keys() - PUBLIC - LOCAL:
            answer = await client.request(method, path.format_map(FILLED), json={})
            assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN"), path


@pytest.mark.parametrize("role", Role)
async def test_a_role_that_the_guard_does_not_name_is_refused(web: WebWorld, role: Role) -> None:
    async with await web.client_of(role) as client:
        for (method, path), found in table(web).items():
            if (method, path) in PUBLIC | LOCAL:
                continue
            allowed = all(not guard.roles or role in guard.roles for guard in found)
            if not allowed:
                answer = await client.request(method, path.format_map(FILLED), json={})
                assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), path


async def test_the_figures_are_for_this_machine_and_for_overseers(web: WebWorld) -> None:
    async with web.client(address="10.0.0.9") as far:
        assert (await far.get("/metrics")).status_code == 401
    async with web.client() as near:
        assert (await near.get("/metrics")).status_code == 200
    for role, status in ((Role.OPERATOR, 403), (Role.AUDITOR, 200), (Role.ADMIN, 200)):
        token = await web.token(await web.person(role, username=role.value))
        async with web.client(token, address="10.0.0.9") as far:
            assert (await far.get("/metrics")).status_code == status
