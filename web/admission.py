"""Who holds a session token: looked up together for all who ask at the same moment."""

import asyncio

from core.clock import Clock
from core.db import Database
from core.errors import NotSignedIn
from core.security import Principal, principals_of

MOST_AT_ONCE = 200


class Admission:
    """Asks the database once for everybody who came while it was answering the last ones.

    A thousand desktops that come back at once cost some queries instead of a thousand; a single
    request is answered as if it were alone. Nothing is remembered: a session ends when it ends.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._asked: dict[str, list[asyncio.Future[Principal]]] = {}
        self._answering: asyncio.Task[None] | None = None

    async def of(self, token: str | None) -> Principal:
        """Return who holds `token`; NotSignedIn if nobody does, and what the database raises."""
        if not token:
            raise NotSignedIn()
        answer: asyncio.Future[Principal] = asyncio.get_running_loop().create_future()
        self._asked.setdefault(token, []).append(answer)
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer())
        return await answer

    async def _answer(self) -> None:
        while self._asked:
            some = dict(list(self._asked.items())[:MOST_AT_ONCE])
            for token in some:
                del self._asked[token]
            try:
                async with self._database.reading(brief=True) as session:
                    found = await principals_of(session, some.keys(), self._clock())
            except Exception as error:
                self._settle(some, {}, error)
            else:
                self._settle(some, found)

    @staticmethod
    def _settle(
        asked: dict[str, list[asyncio.Future[Principal]]],
        found: dict[str, Principal],
        error: Exception | None = None,
    ) -> None:
        for token, answers in asked.items():
            for answer in answers:
                if answer.done():  # whoever asked has gone away
                    continue
                if token in found:
                    answer.set_result(found[token])
                else:
                    answer.set_exception(error or NotSignedIn())
