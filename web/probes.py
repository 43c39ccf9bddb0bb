"""One probe per part that the hotline needs; each says a word or raises what tells why not."""

from collections.abc import Mapping

from redis.asyncio import Redis
from sqlalchemy import text

from web.health import NotReady, Probe
from web.static import is_built
from web.wiring import Hotline


def probes_of(hotline: Hotline) -> Mapping[str, Probe]:
    """Return the probes of /readyz by the part's name."""
    settings = hotline.settings

    async def database() -> str:
        async with hotline.database.reading() as session:
            await session.execute(text("SELECT 1"))
        return hotline.database.engine.dialect.name

    async def switch() -> str:
        if not hotline.link.connected:
            raise NotReady(f"no AMI link: {hotline.link.last_error or 'not yet connected'}")
        await hotline.link.send("Ping")
        return "in step" if hotline.connected else "connected, comparing"

    async def agi() -> str:
        if not hotline.agi.listening:
            raise NotReady("the AGI server does not listen")
        return f"port {hotline.agi.port}"

    async def desktop() -> str:
        if not is_built():
            raise NotReady("the desktop is not built: run `make setup`")
        return "built"

    async def redis() -> str:
        async with Redis.from_url(settings.redis_url) as client:
            await client.ping()
        return "answers"

    probes: dict[str, Probe] = {
        "database": database, "switch": switch, "agi": agi, "desktop": desktop
    }  # fmt: skip
    return {**probes, "redis": redis} if settings.redis_url else probes
