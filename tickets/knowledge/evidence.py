"""What a ticket took from the knowledge base: the look-up is stored, the article becomes the answer's source."""

from core.security import Principal
from tickets.chain import Happening, append
from tickets.cleaning import clean_line
from tickets.drafts import save
from tickets.editing import Editing
from tickets.filling import Value
from tickets.form import FIELDS
from tickets.knowledge.models import Article, ArticleVersion, KnowledgeSearch
from tickets.knowledge.search import find, in_force
from tickets.models import Ticket
from tickets.terms import AppealType, HandlingClass


async def record(draft: Editing, query: str, article_id: int | None) -> None:
    """Store a look-up for a draft and its outcome (C07); the hits are counted here, not believed.

    A chosen article becomes the source (T02), and fills in what is empty of answer, type and category.
    """
    session, ticket = draft.session, draft.ticket
    found = await find(session, query)
    query = clean_line(query)[: FIELDS["kb_query"].limit]
    fields: dict[str, Value] = {"kb_query": query}
    chosen = None
    if article_id is not None:
        article, chosen, _unit = await in_force(session, article_id)
        fields |= _answer(ticket, article, chosen)
    row = KnowledgeSearch(
        ticket_id=ticket.id,
        account_id=draft.principal.account_id,
        at=draft.now,
        query=query,
        hits=found.hits,
        outcome="chosen" if chosen else "does_not_fit" if found.hits else "none_found",
        article_id=chosen.article_id if chosen else None,
        article_version=chosen.number if chosen else None,
    )
    session.add(row)
    await session.flush()
    await save(session, draft.keys.people, ticket, fields, draft.now)
    await append(session, draft.keys.chain, _noted(ticket, row, draft.principal))


def source_of(article: ArticleVersion) -> str:
    """Return how an answer names the article that it rests on: id, version, title, document."""
    return f"KB-{article.article_id} 第{article.number}版 {article.title}（{article.source_no}）"


def _answer(ticket: Ticket, article: Article, version: ArticleVersion) -> dict[str, Value]:
    fields: dict[str, Value] = {"kb_source": source_of(version)}
    if not ticket.answer_text:
        fields["answer_text"] = version.text[: FIELDS["answer_text"].limit]
    if ticket.appeal_type is None and ticket.handling_class is None:
        fields |= {"appeal_type": AppealType.ENQUIRY, "handling_class": HandlingClass.ENQUIRY}
    if ticket.category is None and article.category is not None:
        fields["category"] = article.category
    return fields


def _noted(ticket: Ticket, row: KnowledgeSearch, principal: Principal) -> Happening:
    return Happening(
        ticket_id=ticket.id,
        at=ticket.updated_at,
        by=principal.by,
        kind="knowledge",
        data={
            "hits": row.hits,
            "outcome": row.outcome,
            "article": row.article_id,
            "version": row.article_version,
        },
    )
