"""The solver's process: `python -m seats.roster.solver`, a Problem as JSON in, an Answer as JSON out."""

import os
import sys

from seats.roster.errors import SolverMissing
from seats.roster.problem import ANSWER, MISSING_STATUS, PROBLEM, Answer, Problem


def solve(problem: Problem) -> Answer:
    """Return an answer that keeps every hard rule; SolverMissing if the extra `roster` is not installed."""
    try:
        # Here and not above: ortools takes a second and a hundred megabytes, which no other process needs.
        from seats.roster.cp_sat import fill
    except ModuleNotFoundError as error:
        raise SolverMissing() from error
    return fill(problem)


def main() -> None:
    """Read a problem from standard input, write the answer to standard output."""
    os.nice(10)  # calls come first
    problem = PROBLEM.validate_json(sys.stdin.buffer.read())
    try:
        answer = solve(problem)
    except SolverMissing:
        sys.exit(MISSING_STATUS)
    sys.stdout.buffer.write(ANSWER.dump_json(answer))


if __name__ == "__main__":
    main()
