"""A new version of an article comes into force."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from tickets.knowledge.models import Article, ArticleToken, ArticleVersion
from tickets.tokens import index_tokens


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a version says and the document that it rests on."""

    title: str
    text: str
    source_no: str
    source_url: str


async def publish_new(
    session: AsyncSession, unit_id: int, category: str | None, content: Content, now: datetime
) -> Article:
    """Make an article of a unit whose first version is in force at once."""
    article = Article(unit_id=unit_id, category=category, version=0)
    session.add(article)
    await session.flush()
    await publish(session, article, content, now)
    return article


async def publish(
    session: AsyncSession, article: Article, content: Content, now: datetime
) -> ArticleVersion:
    """Put the next version of `article` into force; earlier ones stay as they were."""
    article.version += 1
    version = ArticleVersion(
        article_id=article.id, number=article.version, published_at=now, **vars(content)
    )
    session.add(version)
    await session.flush()
    await session.execute(delete(ArticleToken).where(ArticleToken.article_id == article.id))
    await session.execute(insert(ArticleToken), token_rows(article.id, content.title, content.text))
    return version


def token_rows(article_id: int, title: str, text: str) -> list[dict[str, object]]:
    """Return the rows of the inverted index of one article."""
    titled = index_tokens(title)
    return [
        {"token": token, "article_id": article_id, "in_title": token in titled}
        for token in sorted(titled | index_tokens(text))
    ]
