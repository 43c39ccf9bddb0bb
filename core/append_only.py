"""Tables in which the database itself refuses to change or remove a row."""

from sqlalchemy import DDL, FromClause, Table, event


def statements(table: str) -> dict[str, tuple[str, ...]]:
    """Return, by dialect, what makes the database refuse changes of `table`; a migration runs them."""
    return {
        "sqlite": tuple(
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ),
        "postgresql": (
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
            f"CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        ),
    }


def protect(table: FromClause) -> None:
    """Let `create_all` add the guards too, so that tests meet them."""
    assert isinstance(table, Table)
    for dialect, lines in statements(table.name).items():
        for line in lines:
            event.listen(table, "after_create", DDL(line).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
