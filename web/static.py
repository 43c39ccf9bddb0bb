"""The built desktop: hashed assets cached for ever, the page itself never, and every other path is the page."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from core.errors import NotFound

DESKTOP = Path(__file__).parent / "desktop" / "dist"
FOR_EVER = "public, max-age=31536000, immutable"
NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>12345</title>
<h1>坐席桌面尚未构建 / The desktop is not built</h1>
<p>服务已在运行。请在项目目录执行 <code>make setup</code> 后刷新本页。</p>
<p>The server runs. Run <code>make setup</code> in the project folder, then reload this page.</p></html>
"""


def is_built(folder: Path = DESKTOP) -> bool:
    return (folder / "index.html").is_file()


def desktop_router(folder: Path = DESKTOP) -> APIRouter:
    """Return the last router of all: what nobody else answered is a file of the desktop or its page."""
    router = APIRouter(include_in_schema=False)
    root = folder.resolve()

    @router.get("/{path:path}")
    async def page(path: str) -> Response:
        if path == "api" or path.startswith("api/"):
            raise NotFound(what=f"/{path}")
        wanted = (root / path).resolve()
        if wanted.is_file() and wanted.is_relative_to(root):
            return FileResponse(wanted, headers={"Cache-Control": _caching(path)})
        if path.startswith("assets/"):
            raise NotFound(what=f"/{path}")
        if not is_built(root):
            return HTMLResponse(NOT_BUILT, status_code=503)
        return FileResponse(root / "index.html", headers={"Cache-Control": "no-cache"})

    return router


def _caching(path: str) -> str:
    return FOR_EVER if path.startswith("assets/") else "no-cache"
