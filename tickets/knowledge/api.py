"""The knowledge base over HTTP, for those at the desk and those who read tickets."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from core.db import Database
from core.security import Guard, Principal
from tickets import schemas
from tickets.knowledge.evidence import record
from tickets.knowledge.search import MAX_TYPED, Hit, find, in_force
from tickets.privacy import READERS
from tickets.service import TicketService
from tickets.states import DESK

ArticleId = Annotated[int, Path(ge=1, lt=2**31)]
TicketId = Annotated[int, Path(ge=1, lt=2**31)]


class Articles(BaseModel):
    """The best articles; `hits` is how many there are altogether."""

    hits: int
    articles: list[Hit]


class ArticleOut(BaseModel):
    """An article as it is in force."""

    id: int
    version: int
    title: str
    text: str
    source_no: str
    source_url: str
    unit: str
    category: str | None
    published_at: datetime


class LookUp(schemas.Strict):
    """What was looked for; without an article nothing found fits."""

    query: str = Field(min_length=1, max_length=MAX_TYPED)
    article_id: int | None = Field(default=None, ge=1, lt=2**31)


def build_router(database: Database, service: TicketService, guard: Guard) -> APIRouter:
    """Return /api/knowledge… and /api/tickets/{ticket_id}/knowledge."""
    router = APIRouter(prefix="/api", tags=["knowledge"])
    desk = Depends(guard(*sorted(DESK)))
    reader = Depends(guard(*READERS))

    @router.get("/knowledge", dependencies=[reader])
    async def search(q: Annotated[str, Query(max_length=MAX_TYPED)] = "") -> Articles:
        async with database.reading() as session:
            found = await find(session, q)
        return Articles(hits=found.hits, articles=list(found.articles))

    @router.get("/knowledge/{article_id}", dependencies=[reader])
    async def get_article(article_id: ArticleId) -> ArticleOut:
        async with database.reading() as session:
            article, version, unit = await in_force(session, article_id)
            return ArticleOut(
                id=article.id,
                version=version.number,
                title=version.title,
                text=version.text,
                source_no=version.source_no,
                source_url=version.source_url,
                unit=unit,
                category=article.category,
                published_at=version.published_at,
            )

    @router.post("/tickets/{ticket_id}/knowledge")
    async def look_up(ticket_id: TicketId, body: LookUp, who: Principal = desk) -> schemas.Ticket:
        """Store that the knowledge base was searched for this draft, and take the article as source."""
        async with service.editing(who, ticket_id) as draft:
            await record(draft, body.query, body.article_id)
            return await draft.show()

    return router
