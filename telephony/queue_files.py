"""Applying a queue configuration: written, taken over by the running Asterisk, read back, or taken back."""

import asyncio
from pathlib import Path

import structlog

from core.config import Settings
from core.errors import HotlineError
from telephony.ami import AmiLink
from telephony.errors import QueueConfigRefused, SwitchNotOurs
from telephony.instance import InstancePaths
from telephony.provision import QUEUE_FILES, queue_texts, replace_file
from telephony.queue_config import QueueConfig, rule_lines, rule_name, store

log = structlog.get_logger(__name__)


class QueueFiles:
    """The files of our own Asterisk that carry the queue rules; one change at a time."""

    def __init__(self, link: AmiLink, settings: Settings, paths: InstancePaths) -> None:
        self._link, self._settings, self._etc = link, settings, paths.etc
        self._turn = asyncio.Lock()

    async def apply(self, config: QueueConfig) -> None:
        """Put `config` in force without touching calls or members, and keep it for the next start.

        QueueConfigRefused says what Asterisk has instead; the files and the queue are as before then. The same
        for AmiDown and AmiTimeout. SwitchNotOurs: another's Asterisk, whose files we cannot write.
        """
        if not self._settings.own_asterisk:
            raise SwitchNotOurs()
        async with self._turn:
            before = {name: (self._etc / name).read_text() for name in QUEUE_FILES}
            _write(self._etc, queue_texts(self._settings, config))
            try:
                await self._take_over()
                await self._verify(config)
            except BaseException:
                await self._take_back(before)
                raise
            store(config, self._settings.data_dir)
            log.info("queue rules applied", version=config.version)

    async def _take_over(self) -> None:
        await self._link.send(
            "QueueReload", Queue=self._settings.queue, Rules="yes", Parameters="yes", Members="no"
        )
        await self._link.send("Reload", Module="pbx_config")

    async def _verify(self, config: QueueConfig) -> None:
        """Compare what Asterisk tells of itself: the queue, the widening, and the dialplan's version."""
        queue = await self._link.ask("QueueStatus", Queue=self._settings.queue)
        head = next((row for row in queue if row.name == "QueueParams"), None)
        seen = {"strategy": head.get("Strategy") if head else "", **await self._dialplan()}
        wanted = {
            "strategy": config.strategy,
            "HOTLINE_RULES": str(config.version),
            "HOTLINE_LONGEST_WAIT": str(config.longest_wait_seconds),
        }
        for skill in config.skills:
            if not (name := rule_name(skill)):
                continue
            answer = await self._link.send("QueueRule", Rule=name)
            seen[name], wanted[name] = (
                " ".join(answer.get_all("Rule")),
                # AMI tells seconds, highest and lowest; not what low penalties are raised to.
                " ".join(line.rpartition(",")[0] for line in rule_lines(skill.windows)),
            )
        for name, value in wanted.items():
            if seen[name] != value:
                raise QueueConfigRefused(what=name, wanted=value, seen=seen[name] or "-")

    async def _dialplan(self) -> dict[str, str]:
        names = ("HOTLINE_RULES", "HOTLINE_LONGEST_WAIT")
        answers = [await self._link.send("Getvar", Variable=name) for name in names]
        return {name: answer.get("Value") for name, answer in zip(names, answers, strict=True)}

    async def _take_back(self, before: dict[str, str]) -> None:
        _write(self._etc, before)
        try:
            await self._take_over()
        except (HotlineError, TimeoutError, OSError) as error:
            # The files are the old ones: Asterisk reads them when it can be reached again, or starts.
            log.error("the old queue rules are not taken over again", error=repr(error))


def _write(etc: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        replace_file(etc / name, text)
