"""The knowledge base beside the form: search as one types, the article as source, the look-up as evidence."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from ticket_world import COMPLETE, World

from core.errors import Forbidden, NotFound
from tickets import schemas
from tickets.errors import NotEditable, TicketIncomplete, TicketNotFound
from tickets.knowledge.evidence import record
from tickets.knowledge.models import Article, KnowledgeSearch
from tickets.knowledge.publish import Content, publish, publish_new, token_rows
from tickets.knowledge.search import SHOWN, SNIPPET, Found, find, in_force
from tickets.register import new_unit
from tickets.terms import State
from web.demo import read


@dataclass
class Base:
    """The demo's articles in a ticket world."""

    world: World
    ids: dict[str, int]

    async def find(self, typed: str) -> Found:
        async with self.world.database.reading() as session:
            return await find(session, typed)

    async def titles(self, typed: str) -> list[str]:
        return [hit.title for hit in (await self.find(typed)).articles]

    async def look_up(
        self, ticket: schemas.Ticket, query: str, title: str | None = None, who: object = None
    ) -> schemas.Ticket:
        article = self.ids[title] if title else None
        async with self.world.service.editing(who or self.world.people.wang, ticket.id) as draft:
            await record(draft, query, article)
            return await draft.show()


@pytest.fixture
async def base(world: World) -> Base:
    ids = {}
    async with world.database.unit_of_work() as uow:
        unit = new_unit("测试单位", "enterprise")
        uow.session.add(unit)
        await uow.session.flush()
        for title, _unit, category, source, said in read("articles"):
            content = content_of(title, said, source)
            made = await publish_new(uow.session, unit.id, category, content, world.clock())
            ids[title] = made.id
    return Base(world, ids)


def content_of(title: str, said: str, source: str = "测〔2026〕1号") -> Content:
    return Content(title=title, text=said, source_no=source, source_url="https://example.invalid/1")


async def test_a_word_of_two_characters_finds_every_article_that_has_it_in_its_title(
    base: Base,
) -> None:
    """M04: 停水."""
    found = await base.titles("停水")
    assert {title for title in base.ids if "停水" in title} <= set(found)
    assert "停水" in found[0]


async def test_a_sentence_finds_what_its_rare_words_are_about(base: Base) -> None:
    """Search as one types: the operator writes a matter down, not a query."""
    typed = "来电人反映学府路幸福小区从昨天晚上开始一直停水 想问什么时候恢复"
    assert "停水" in (await base.titles(typed))[0]
    assert (await base.titles("老母亲社保卡丢了想问怎么补办"))[0] == "社保卡丢失怎么补办"


async def test_words_that_mean_the_same_find_the_same(base: Base) -> None:
    """M04: synonyms."""
    assert set(await base.titles("断水")) == set(await base.titles("停水"))


@pytest.mark.parametrize("typed", ["", "   ", "？！", "龘龘", "%_", "' OR 1=1 --"])
async def test_what_says_nothing_finds_nothing(base: Base, typed: str) -> None:
    assert await base.find(typed) == Found(0, ())


async def test_a_page_of_hits_is_short_and_the_rest_is_counted(base: Base) -> None:
    found = await base.find("市 投诉 办理 怎么 缴费 收费 标准 时间")
    assert len(found.articles) <= SHOWN
    assert found.hits >= len(found.articles)
    assert all(len(hit.snippet) <= SNIPPET + 2 for hit in found.articles)


@given(st.text(max_size=120))
def test_every_pair_of_a_title_is_in_the_index(title: str) -> None:
    rows = token_rows(1, title, "正文")
    assert len({row["token"] for row in rows}) == len(rows)
    assert all(len(str(row["token"])) <= 8 for row in rows)
    assert {"正", "文", "正文"} <= {str(row["token"]) for row in rows}


async def test_a_chosen_article_is_the_source_of_an_answer_on_the_spot(base: Base) -> None:
    """C03, T02: the ticket ends as 即时解答 with the article's id; what was empty is filled in."""
    world, wang = base.world, base.world.people.wang
    title = "采暖补贴如何申领"
    ticket = await base.look_up(await world.draft(wang, {"title": "问补贴"}), "补贴", title)
    assert ticket.kb_source.startswith(f"KB-{base.ids[title]} 第1版 {title}")
    assert ticket.kb_query == "补贴"
    assert ticket.answer_text.startswith("低保和特困家庭")
    assert (ticket.appeal_type, ticket.handling_class, ticket.category) == (
        "enquiry", "enquiry", "11403",
    )  # fmt: skip
    done = await world.move(wang, ticket, "answer", caller_heard=True)
    assert done.state is State.ANSWERED
    kinds = [event.kind for event in await world.service.events(wang, ticket.id)]
    assert "knowledge" in kinds
    assert await world.service.verify_chain() is None


async def test_what_the_operator_wrote_is_never_overwritten(base: Base) -> None:
    world, wang = base.world, base.world.people.wang
    mine = {"answer_text": "我的答复", "appeal_type": "complaint", "category": "11101"}
    ticket = await base.look_up(await world.draft(wang, mine), "补贴", "采暖补贴如何申领")
    assert {name: getattr(ticket, name) for name in mine} == mine


async def test_an_enquiry_is_dispatched_with_the_evidence_that_nothing_fitted(base: Base) -> None:
    """C07: query, hit count and outcome are stored; without them the dispatch is refused."""
    world, wang = base.world, base.world.people.wang
    form = {**COMPLETE, "appeal_type": "enquiry", "handling_class": "enquiry"}
    ticket = await world.draft(wang, form)
    with pytest.raises(TicketIncomplete):
        await world.move(wang, ticket, "accept")
    ticket = await base.look_up(ticket, "停水")
    ticket = await base.look_up(ticket, "龘龘")
    assert (await world.move(wang, ticket, "accept")).state is State.TO_DISPATCH
    async with world.database.reading() as session:
        rows = (await session.scalars(select(KnowledgeSearch).order_by(KnowledgeSearch.id))).all()
        assert [(row.query, row.outcome, row.article_id) for row in rows] == [
            ("停水", "does_not_fit", None),
            ("龘龘", "none_found", None),
        ]
        assert rows[0].hits > 0 == rows[1].hits


async def test_a_look_up_is_for_drafts_that_one_may_edit(base: Base) -> None:
    world, people = base.world, base.world.people
    ticket = await world.draft(people.wang)
    with pytest.raises(TicketNotFound):
        await base.look_up(ticket, "停水", who=people.zhao)
    with pytest.raises(Forbidden):
        await base.look_up(ticket, "停水", who=people.intake)
    accepted = await world.accepted(people.wang)
    with pytest.raises(NotEditable):
        await base.look_up(accepted, "停水")
    with pytest.raises(NotFound):
        async with world.service.editing(people.wang, ticket.id) as draft:
            await record(draft, "停水", 999_999)
    async with world.database.reading() as session:
        assert (await session.scalars(select(KnowledgeSearch))).all() == []


async def test_a_new_version_is_found_and_the_old_one_stays_what_it_was(base: Base) -> None:
    world, title = base.world, "水费收费标准与缴费方式"
    async with world.database.unit_of_work() as uow:
        article = await uow.session.get_one(Article, base.ids[title])
        content = content_of("阶梯气价说明", "自明年起调整。")
        await publish(uow.session, article, content, world.clock())
    assert base.ids[title] in [hit.id for hit in (await base.find("阶梯气价")).articles]
    assert "阶梯气价说明" not in await base.titles("营业厅")
    async with world.database.reading() as session:
        _article, version, _unit = await in_force(session, base.ids[title])
        assert (version.number, version.title) == (2, "阶梯气价说明")
    for statement in ("UPDATE kb_version SET title = ''", "DELETE FROM kb_version"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with world.database.unit_of_work() as uow:
                await uow.session.execute(text(statement))
