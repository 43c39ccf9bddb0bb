"""Sign-in, sign-out and the guard that stands before every endpoint and the live socket."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from core.clock import Clock
from core.config import Settings
from core.db import Database
from core.errors import HotlineError, TooManyAttempts
from core.security import (
    Account,
    Principal,
    Role,
    audit,
    authenticate,
    close_session,
    open_session,
    principal,
)
from web.admission import Admission
from web.hardening import served_over_https
from web.wallboard.screens import session_hours

COOKIE = "hotline_session"
PER_USERNAME = parse("8 per 5 minutes")
PER_ADDRESS = parse("60 per 5 minutes")


class WrongCredentials(HotlineError):
    code, status = "WRONG_CREDENTIALS", 401
    zh, en = "用户名或密码错误", "Wrong user name or password"


class Credentials(BaseModel):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class GuardedBy:
    """A dependency that returns the Principal if one of `roles` is held; no roles means anybody signed in."""

    def __init__(self, admission: Admission, roles: frozenset[Role]) -> None:
        self.roles = roles
        self._admission = admission

    async def __call__(self, connection: HTTPConnection) -> Principal:
        who = await self._admission.of(connection.cookies.get(COOKIE))
        if self.roles:
            who.require(*self.roles)
        return who


Guarding = Callable[..., GuardedBy]


def guard_for(admission: Admission) -> Guarding:
    """Return `guard(*roles)`, which the routers of all rooms are given."""

    def guard(*roles: Role) -> GuardedBy:
        return GuardedBy(admission, frozenset(roles))

    return guard


class Throttle:
    """Counts sign-in attempts per user name and per address, within this process."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)

    async def attempt(self, username: str, address: str) -> None:
        """Count one attempt; TooManyAttempts with the seconds to wait when a limit is used up."""
        for limit, kind, value in self._keys(username, address):
            if not await self._window.hit(limit, kind, value):
                stats = await self._window.get_window_stats(limit, kind, value)
                raise TooManyAttempts(seconds=max(1, round(stats.reset_time - time.time())))

    async def succeeded(self, username: str) -> None:
        """Forget the attempts of a person who has proven the password."""
        await self._window.clear(PER_USERNAME, "username", username.casefold())

    @staticmethod
    def _keys(username: str, address: str) -> list[tuple[RateLimitItem, str, str]]:
        return [
            (PER_ADDRESS, "address", address),
            (PER_USERNAME, "username", username.casefold()),
        ]


SignOut = Callable[[Principal, str], Awaitable[None]]
"""Told who signs out and with which token, before the login session is closed."""

Describe = Callable[[Principal], Awaitable[dict[str, object]]]
"""Gives the contents of `Me` for a person."""


def session_router(
    database: Database,
    settings: Settings,
    clock: Clock,
    guard: Guarding,
    describe: Describe,
    on_sign_out: SignOut,
) -> APIRouter:
    """Return the endpoints of /api/session: sign in, who am I, sign out."""
    router = APIRouter(prefix="/api/session", tags=["session"])
    throttle = Throttle()
    signed_in = guard()

    @router.post("")
    async def sign_in(
        credentials: Credentials, request: Request, response: Response
    ) -> dict[str, object]:
        address = request.client.host if request.client else ""
        await throttle.attempt(credentials.username, address)
        who = await _proven(database, clock, credentials, address)
        await throttle.succeeded(credentials.username)
        async with database.unit_of_work() as uow:
            now = clock()
            account = await uow.session.get_one(Account, who.account_id)
            hours = session_hours(who.roles, settings.session_hours, settings.screen_session_days)
            token = await open_session(uow.session, account, now, hours)
            audit(uow.session, now, who.by, "sign_in", address=address)
        _set_cookie(response, settings, token, hours)
        return await describe(who)

    @router.get("")
    async def who_am_i(who: Annotated[Principal, Depends(signed_in)]) -> dict[str, object]:
        return await describe(who)

    @router.delete("", status_code=204)
    async def sign_out(
        who: Annotated[Principal, Depends(signed_in)], request: Request, response: Response
    ) -> None:
        token = request.cookies[COOKIE]
        await on_sign_out(who, token)
        async with database.unit_of_work() as uow:
            await close_session(uow.session, token)
            audit(uow.session, clock(), who.by, "sign_out")
        response.delete_cookie(COOKIE, path="/")

    return router


async def _proven(
    database: Database, clock: Clock, credentials: Credentials, address: str
) -> Principal:
    # Reading: the slow password check must not hold the database's write lock.
    async with database.reading() as session:
        account = await authenticate(session, credentials.username, credentials.password)
        who = principal(account) if account else None
    if who is None:
        async with database.unit_of_work() as uow:
            audit(
                uow.session,
                clock(),
                "anonymous",
                "sign_in_failed",
                credentials.username,
                address=address,
            )
        raise WrongCredentials()
    return who


def _set_cookie(response: Response, settings: Settings, token: str, hours: int) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=hours * 3600,
        path="/",
        httponly=True,
        samesite="lax",
        secure=served_over_https(settings),
    )
