"""Tables of the knowledge base."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.append_only import protect
from core.db import Base


class Article(Base):
    """A knowledge article of a unit; `version` is the published one that is in force."""

    __tablename__ = "kb_article"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    category: Mapped[str | None] = mapped_column(ForeignKey("category.code"), index=True)
    version: Mapped[int]


class ArticleVersion(Base):
    """What an article said, with the document it rests on; never changed, so that an old answer can be read."""

    __tablename__ = "kb_version"

    article_id: Mapped[int] = mapped_column(ForeignKey("kb_article.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    source_no: Mapped[str] = mapped_column(String(80))
    source_url: Mapped[str] = mapped_column(String(200))
    published_at: Mapped[datetime]


class ArticleToken(Base):
    """The inverted index of the versions in force (`tickets.tokens`)."""

    __tablename__ = "kb_token"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: Mapped[str] = mapped_column(String(8), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("kb_article.id"), primary_key=True)
    in_title: Mapped[bool]


class KnowledgeSearch(Base):
    """That the knowledge base was asked for a ticket, and what came of it (C07); unanswered ones are M04's log."""

    __tablename__ = "kb_search"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "article_version"], ["kb_version.article_id", "kb_version.number"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    query: Mapped[str] = mapped_column(String(120))
    hits: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))  # chosen, does_not_fit, none_found
    article_id: Mapped[int | None] = mapped_column(index=True)
    article_version: Mapped[int | None]


protect(ArticleVersion.__table__)
