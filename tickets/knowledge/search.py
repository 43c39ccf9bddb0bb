"""Articles for what is being typed: not all words have to occur, the rare ones count most.

A ticket's title and content are sentences, so a search that wants every word finds nothing. Each character
pair weighs log(1 + articles / articles with it), three times in a title; what has less than a good part of
the best score is left out. A two-character word is one pair and is found like any other (M04).
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from tickets.knowledge.models import Article, ArticleToken, ArticleVersion
from tickets.labels import REFERENCE
from tickets.register import Unit
from tickets.tokens import fold, query_terms, term_tokens

MAX_TYPED = 200
SHOWN = 8
TITLE_WEIGHT = 3.0
GOOD_PART = 0.25
MOST_TOKENS = 32
MOST_ROWS = 4000  # of the index, so that a common pair costs no more in a large base
SNIPPET = 60


@dataclass(frozen=True, kw_only=True)
class Hit:
    id: int
    version: int
    title: str
    snippet: str
    unit: str


@dataclass(frozen=True)
class Found:
    """The best articles, and how many there are altogether."""

    hits: int
    articles: tuple[Hit, ...]


async def find(session: AsyncSession, typed: str) -> Found:
    """Return published articles for `typed`, the best first; nothing for nothing typed."""
    tokens = await _telling(session, _tokens(typed))
    scores = await _scores(session, tokens)
    if not scores:
        return Found(0, ())
    least = GOOD_PART * max(scores.values())
    best = sorted((-score, id_) for id_, score in scores.items() if score >= least)
    return Found(
        len(best), await _shown(session, [id_ for _, id_ in best[:SHOWN]], frozenset(tokens))
    )


async def in_force(session: AsyncSession, article_id: int) -> tuple[Article, ArticleVersion, str]:
    """Return an article, its version in force and its unit's name; NotFound for an unknown one."""
    query = (
        select(Article, ArticleVersion, Unit.name)
        .join(ArticleVersion, published())
        .join(Unit, Unit.id == Article.unit_id)
        .where(Article.id == article_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound(what="知识条目 article")
    return row[0], row[1], row[2]


def published() -> ColumnElement[bool]:
    """Return the join of articles with their versions in force."""
    return (ArticleVersion.article_id == Article.id) & (ArticleVersion.number == Article.version)


def _tokens(typed: str) -> tuple[str, ...]:
    """Return the tokens of what is typed and of the words that mean the same."""
    folded = fold(typed[:MAX_TYPED])
    same = [
        other for group in _synonyms() if any(word in folded for word in group) for other in group
    ]
    words = query_terms(folded)
    # A character that stands alone in a sentence (a house number) says nothing of its matter.
    terms = (*([word for word in words if len(word) > 1] or words), *same)
    return tuple(dict.fromkeys(token for term in terms for token in term_tokens(term)))


async def _telling(session: AsyncSession, tokens: tuple[str, ...]) -> dict[str, float]:
    """Return the rarest tokens with their weights, as far as looking them up stays cheap."""
    if not tokens:
        return {}
    known = await session.scalar(select(func.count()).select_from(Article)) or 0
    query = (
        select(ArticleToken.token, func.count())
        .where(ArticleToken.token.in_(tokens))
        .group_by(ArticleToken.token)
    )
    counts = sorted((count, token) for token, count in await session.execute(query))
    weights: dict[str, float] = {}
    rows = 0
    for count, token in counts[:MOST_TOKENS]:
        rows += count
        if weights and rows > MOST_ROWS:
            break
        weights[token] = math.log1p(known / count)
    return weights


async def _scores(session: AsyncSession, weights: Mapping[str, float]) -> dict[int, float]:
    scores: defaultdict[int, float] = defaultdict(float)
    columns = (ArticleToken.token, ArticleToken.article_id, ArticleToken.in_title)
    query = select(*columns).where(ArticleToken.token.in_(weights))
    for row in await session.execute(query):
        scores[row.article_id] += weights[row.token] * (TITLE_WEIGHT if row.in_title else 1.0)
    return scores


async def _shown(session: AsyncSession, ids: list[int], tokens: frozenset[str]) -> tuple[Hit, ...]:
    query = (
        select(Article.id, ArticleVersion, Unit.name)
        .join(ArticleVersion, published())
        .join(Unit, Unit.id == Article.unit_id)
        .where(Article.id.in_(ids))
    )
    found = {
        id_: Hit(
            id=id_,
            version=version.number,
            title=version.title,
            snippet=_snippet(version.text, tokens),
            unit=unit,
        )
        for id_, version, unit in await session.execute(query)
    }
    return tuple(found[id_] for id_ in ids)


def _snippet(text: str, tokens: frozenset[str]) -> str:
    """Return the part of `text` around the first pair that was looked for."""
    folded = fold(text)
    # Folding may change the length of rare characters: then the beginning will do.
    places = [folded.find(token) for token in tokens] if len(folded) == len(text) else []
    first = min((place for place in places if place >= 0), default=0)
    start = max(0, first - 8)
    cut = text[start : start + SNIPPET].replace("\n", " ")
    return f"{'…' if start else ''}{cut}{'…' if start + SNIPPET < len(text) else ''}"


@cache
def _synonyms() -> tuple[tuple[str, ...], ...]:
    loaded = yaml.safe_load((REFERENCE / "synonyms.yaml").read_text(encoding="utf-8"))
    return tuple(tuple(fold(word) for word in group) for group in loaded)
