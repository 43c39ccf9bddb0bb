"""Every refusal and failure as the one JSON shape {code, zh, en, details}; a client never sees a stack."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import Conflict, HotlineError, NotFound
from core.ids import new_id

log = structlog.get_logger(__name__)


class InvalidInput(HotlineError):
    code, status = "INVALID_INPUT", 422
    zh, en = "输入有误,请检查标出的项目", "Invalid input: see the fields named"


class NoSuchMethod(HotlineError):
    code, status = "METHOD_NOT_ALLOWED", 405
    zh, en = "不支持此操作", "This method is not supported here"


class DatabaseUnavailable(HotlineError):
    code, status = "DATABASE_UNAVAILABLE", 503
    zh, en = "数据库暂时不可用,请稍后再试", "The database is not available, try again shortly"


class Internal(HotlineError):
    """An unforeseen failure; `id` finds the stack in the log."""


class Refused(HotlineError):
    """A refusal by the web framework itself, kept with its own status."""

    code = "REFUSED"
    zh, en = "请求无法处理", "The request was refused"


def answer(error: HotlineError) -> JSONResponse:
    """Return the HTTP answer for `error`; seconds to wait go into Retry-After as well."""
    response = JSONResponse(error.rendering(), status_code=error.status)
    if "seconds" in error.details:
        response.headers["Retry-After"] = str(error.details["seconds"])
    return response


def add_problem_handlers(app: FastAPI) -> None:
    """Make `app` answer every known failure as a HotlineError."""
    app.add_exception_handler(HotlineError, _refusal)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(StaleDataError, _stale)
    for gone in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(gone, _database_gone)


class UnknownFailures:
    """Innermost middleware: what nobody foresaw becomes 500 INTERNAL with an id that the log explains."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception:
            failure = Internal(id=new_id())
            log.exception("request failed", failure=failure.details["id"], path=scope["path"])
            if started:
                raise
            await answer(failure)(scope, receive, send)


async def _refusal(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HotlineError)
    return answer(error)


async def _validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # The rejected values stay out: they may be a citizen's words.
    fields = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": item["msg"]}
        for item in error.errors()
    ]
    return answer(InvalidInput(fields=fields))


async def _framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return answer(NotFound(what=request.url.path))
    if error.status_code == 405:
        return answer(NoSuchMethod())
    body: dict[str, Any] = Refused().rendering()
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _stale(_request: Request, _error: Exception) -> JSONResponse:
    return answer(Conflict())


async def _database_gone(request: Request, error: Exception) -> JSONResponse:
    log.error("database unavailable", path=request.url.path, error=str(error.__class__.__name__))
    return answer(DatabaseUnavailable(seconds=2))
