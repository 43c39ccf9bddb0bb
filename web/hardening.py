"""What every answer carries and every request must show: security headers, Origin, the CSRF header."""

from urllib.parse import urlsplit

from fastapi import FastAPI
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from secure.middleware import SecureASGIMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.config import Settings
from core.errors import HotlineError
from web.problems import UnknownFailures, answer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = ("127.0.0.1", "localhost")


class ForeignOrigin(HotlineError):
    code, status = "FOREIGN_ORIGIN", 403
    zh = "请求来源不受信任;如使用其他网址,请设置 HOTLINE_PUBLIC_ORIGIN"
    en = "This origin is not trusted; set HOTLINE_PUBLIC_ORIGIN if the desktop has another address"


class MissingCsrfHeader(HotlineError):
    code, status = "CSRF_HEADER_MISSING", 403
    zh, en = "缺少 X-Requested-With 请求头", "The header X-Requested-With: hotline is missing"


def harden(app: FastAPI, settings: Settings) -> None:
    """Wrap `app`: headers outermost, then Origin and CSRF checks, then the net for unknown failures."""
    app.add_middleware(UnknownFailures)
    app.add_middleware(SameOriginWrites, origins=allowed_origins(settings))
    app.add_middleware(NoStoreForApi)
    app.add_middleware(SecureASGIMiddleware, secure=security_headers(settings))


def allowed_origins(settings: Settings) -> frozenset[str]:
    """Return the Origins that may write and open the live socket."""
    hosts = {settings.host}
    if settings.host in (*LOOPBACK, "0.0.0.0", "::"):
        hosts |= set(LOOPBACK)
    own = {f"http://{host}:{settings.port}" for host in hosts}
    return frozenset(own | ({settings.public_origin.rstrip("/")} - {""}))


def served_over_https(settings: Settings) -> bool:
    """Whether browsers reach us by https, so that cookies must be Secure."""
    return settings.public_origin.startswith("https://")


def security_headers(settings: Settings) -> Secure:
    """Return the headers of every HTTP answer; the CSP lets the desktop reach our socket and the switch's."""
    sockets = {_origin_of(settings.sip_ws_address)} | {
        origin.replace("http", "ws", 1) for origin in allowed_origins(settings)
    }
    policy = (
        ContentSecurityPolicy()
        .default_src("'self'")
        .script_src("'self'")
        .style_src(
            "'self'", "'unsafe-inline'"
        )  # Element Plus places its pop-ups by style attributes
        .img_src("'self'", "data:", "blob:")
        .font_src("'self'", "data:")
        .media_src("'self'", "blob:")
        .worker_src("'self'", "blob:")
        .connect_src("'self'", *sorted(sockets))
        .object_src("'none'")
        .base_uri("'none'")
        .form_action("'self'")
        .frame_ancestors("'none'")
    )
    permissions = PermissionsPolicy().microphone("self").camera().geolocation().payment().usb()
    return Secure(
        csp=policy,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        hsts=StrictTransportSecurity().max_age(31_536_000) if served_over_https(settings) else None,
        permissions=permissions,
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions(),
        xfo=XFrameOptions().deny(),
    )


class SameOriginWrites:
    """Refuses unsafe methods that do not come from our own pages (cross-site request forgery)."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self.app = app
        self.origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            if headers.get("x-requested-with") != "hotline":
                await answer(MissingCsrfHeader())(scope, receive, send)
                return
            if headers.get("origin", "") not in self.origins:
                await answer(ForeignOrigin())(scope, receive, send)
                return
        await self.app(scope, receive, send)


class NoStoreForApi:
    """Keeps answers about calls and people out of every cache, unless the route says otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
