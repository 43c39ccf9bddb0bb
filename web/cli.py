"""`hotline`: run the hotline, look at it, and do what an administrator does from a shell."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError

from core.config import Settings
from core.errors import HotlineError
from core.log import set_up
from core.security import Role
from telephony.install import find_or_build_asterisk
from telephony.own_asterisk import OwnAsterisk
from telephony.provision import render
from telephony.reconcile import Report
from telephony.sip_caller import CallPlan, place_call
from web import admin, demo_desks, running
from web.app import create_app
from web.calendar_cli import calendar_commands
from web.demo import demo_logins
from web.doctor import examine
from web.state_diagrams import render_states

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="营口 12345 / the Yingkou 12345 hotline")  # fmt: skip
user = typer.Typer(no_args_is_help=True, help="Accounts: add, passwd")
asterisk = typer.Typer(no_args_is_help=True, help="Our own Asterisk: render, apply, console")
chain = typer.Typer(no_args_is_help=True, help="The ticket event chain: head, verify")
app.add_typer(user, name="user")
app.add_typer(chain, name="chain")
app.add_typer(asterisk, name="asterisk")
app.add_typer(calendar_commands(lambda work: _run(work(_settings(demo=True)))), name="calendar")

Demo = Annotated[bool, typer.Option("--demo", help="Demo mode: demo data, no secrets to set")]
T = TypeVar("T")


@app.command()
def up(demo: Demo = False) -> None:
    """Start Asterisk and the hotline in the foreground; Ctrl-C stops both."""
    settings = _settings(demo=demo)
    with _refusals():
        running.run_up(settings, lambda: _announce(settings))


@app.command()
def serve(demo: Demo = False) -> None:
    """Start the hotline alone, beside an Asterisk that runs already; Ctrl-C stops it."""
    settings = _settings(demo=demo)
    with _refusals():
        running.run_serve(settings, lambda: _announce(settings))


@app.command()
def doctor() -> None:
    """Look at each part: found, version, reachable, what to do. Exit code 1 if something is broken."""
    settings = _settings(demo=True)
    logging.disable(logging.CRITICAL)  # what it finds is said below, in its own words
    findings = _run(examine(settings))
    for finding in findings:
        mark = {"ok": "✔", "idle": "·", "broken": "✘"}[finding.state]
        typer.echo(f"{mark} {finding.part:<12} {finding.says}")
        if finding.remedy:
            typer.echo(f"  {'':<12} → {finding.remedy}")
    raise typer.Exit(any(finding.state == "broken" for finding in findings))


@app.command()
def call(
    caller: Annotated[str, typer.Option("--from", help="The citizen's number")] = "13900000001",
    to: Annotated[str, typer.Option(help="Which of the hotline's numbers")] = "12345",
    name: Annotated[str, typer.Option(help="Name that the trunk tells, e.g. 王小明")] = "",
    press: Annotated[str, typer.Option(help="Keys; a comma waits a second")] = "",
    play: Annotated[Path | None, typer.Option(help="WAV to play: mono, 16 bit, 8 kHz")] = None,
    hangup_after: Annotated[float, typer.Option(help="Seconds after the answer")] = 60.0,
) -> None:
    """Place a real SIP call into the running Asterisk: a desktop that is ready rings."""
    plan = CallPlan(
        caller=caller, number=to, name=name, press=press, play=play, hangup_after=hangup_after
    )
    report = _run(place_call(_settings(demo=True), plan, typer.echo))
    typer.echo(f"{report.seconds:.0f} s connected, {report.packets_heard} sound packets heard")
    raise typer.Exit(not report.connected)


@app.command()
def desk(
    route: Annotated[str, typer.Argument(help="trunk-a, trunk-b or duty-desk")],
    manner: Annotated[demo_desks.Manner, typer.Argument(help="How calls are treated from now on")],
) -> None:
    """Tell an emergency desk of the demo to answer, or to be busy, silent, congested or down."""
    settings = demo_desks.with_desks(_settings(demo=True))
    if route not in settings.emergency_routes:
        raise typer.BadParameter(f"{route}: {', '.join(settings.emergency_routes)}")
    demo_desks.tell(settings, route, manner)
    typer.echo(f"{route}: {manner.value}")


@app.command()
def reconcile() -> None:
    """Prove that every line of Asterisk's queue_log is explained by the ledger. Exit code 1 if not."""
    report = _run(admin.reconcile_ledger(_settings(demo=True)))
    _show(report)
    raise typer.Exit(not report.whole)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    _run(admin.migrate(_settings(demo=True)))
    typer.echo("the database is up to date")


@app.command()
def openapi() -> None:
    """Print the schema of the HTTP API."""
    schema = create_app(Settings(demo=True)).openapi()
    typer.echo(json.dumps(schema, ensure_ascii=False, indent=1))


@app.command()
def states() -> None:
    """Print docs/states.md, written from the state tables."""
    typer.echo(render_states(), nl=False)


@user.command("add")
def add_user(
    username: str,
    display_name: Annotated[str, typer.Option("--name", prompt=True)],
    role: Annotated[list[Role], typer.Option("--role", help="May be given several times")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Make an account."""
    _run(admin.add_user(_settings(demo=True), username, display_name, role, password))
    typer.echo(f"{username} may sign in")


@user.command("passwd")
def change_password(
    username: str,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Set a new password and end the account's sessions."""
    _run(admin.change_password(_settings(demo=True), username, password))
    typer.echo(f"{username} has a new password")


@chain.command("head")
def chain_head() -> None:
    """Print the newest event of the ticket chain (day, position, hash): print it, keep it elsewhere."""
    typer.echo(_run(admin.chain_head(_settings(demo=True))).line())


@chain.command("verify")
def chain_verify(
    against: Annotated[Path | None, typer.Option(help="A file of printed heads")] = None,
) -> None:
    """Look at every event and at the exported heads. Exit code 1, and the first bad event, if one is wrong."""
    report = _run(admin.verify_ticket_chain(_settings(demo=True), against))
    typer.echo(f"{report.head.position} events, {report.heads} exported heads")
    if report.first_bad is None:
        typer.echo("the chain is whole")
    else:
        typer.echo(f"NOT whole: the first bad event is {report.first_bad}")
    raise typer.Exit(report.first_bad is not None)


@asterisk.command("render")
def render_configuration() -> None:
    """Write Asterisk's configuration and prompts into the data folder and print what changed."""
    settings = _settings(demo=True)
    with _refusals():
        paths = OwnAsterisk(settings).paths
        changed = render(settings, paths.folder, find_or_build_asterisk())
        running.prepare_sounds(paths)
    typer.echo("\n".join(changed) or "nothing changed")


@asterisk.command("apply")
def apply_configuration() -> None:
    """Render, and let the running Asterisk take over what changed without cutting calls."""
    settings = _settings(demo=True)
    with _refusals():
        changed = _run(OwnAsterisk(settings, find_or_build_asterisk()).apply(settings))
    typer.echo("\n".join(changed) or "nothing changed")


@asterisk.command("console")
def console(command: Annotated[list[str], typer.Argument(help="e.g. queue show hotline")]) -> None:
    """Give one command to the console of the running Asterisk."""
    typer.echo(_run(OwnAsterisk(_settings(demo=True)).console(" ".join(command))))


def _settings(*, demo: bool) -> Settings:
    """Return the settings; commands beside the server need no secret, so they may pass `demo`."""
    with _refusals():
        settings = Settings(demo=True) if demo else Settings()
    set_up(json=settings.log_json, level=logging.INFO)
    return settings


def _announce(settings: Settings) -> None:
    typer.echo(f"\n  坐席桌面 / desktop   {admin.address(settings)}")
    for line in demo_logins() if settings.demo else ():
        typer.echo(f"  {line}")
    typer.echo(f"  拨打一个电话 / place a call   {os.path.relpath(sys.argv[0])} call --press 2")
    typer.echo("  Ctrl-C 停止 / stops everything\n")


def _show(report: Report) -> None:
    typer.echo(f"{report.lines} lines, {report.explained} explained, {report.pending} too young")
    for unexplained in report.unexplained:
        typer.echo(f"  {unexplained.row.line}: {unexplained.why}")
    typer.echo(f"offered {report.offered} = {report.outcomes} + {report.in_system} in the system")
    typer.echo(f"segments {report.segments_of_agents} by seat, {report.segments_of_calls} by call")
    typer.echo("everything is explained" if report.whole else "NOT everything is explained")


def _run(work: Coroutine[Any, Any, T]) -> T:
    with _refusals():
        return asyncio.run(work)


@contextmanager
def _refusals() -> Iterator[None]:
    """Say a refusal in one line instead of a stack."""
    try:
        yield
    except HotlineError as error:
        said = error.rendering()
        typer.echo(f"{said['code']}: {said['zh']}\n{said['en']}", err=True)
        raise typer.Exit(2) from None
    except ValidationError as error:
        for problem in error.errors(include_input=False):
            name = "_".join(str(part) for part in problem["loc"])
            typer.echo(f"HOTLINE_{name.upper()}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
