"""Which databases there are: made by each release, upgraded from release to release, at once, restored."""

import contextlib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from environments import CURRENT, LINES

WORKER = Path(__file__).resolve().parent / "worker.py"
FIRST = LINES[0]
MOVED = ("postgresql", "postgresql18")
LAST_TRACES = "3.16"  # stands right before 75868b020152
# f4a9b2c7d1e6 compares columns by utf8mb4_bin, which MySQL and MariaDB refuse of other character sets (error 1253).
NOT_TO_CURRENT = ("latin1", "utf8mb3")
NARROW = ("latin", "utf8mb3")


@dataclass(frozen=True)
class Made:
    """A database as it is now: what was done to it, for people."""

    kind: str
    history: str
    url: str

    @property
    def narrow(self) -> bool:
        """Whether its character set has fewer characters than Unicode."""
        return self.history.startswith(NARROW)


class Broken(RuntimeError):
    """A release cannot make or upgrade a database; the message is its own."""


def rounds(kinds: list, python: dict):
    """Lists of `Made`, one after the other: what was made by then and has not been checked so far."""
    fresh, steps, prepared = {}, [], []
    for line in (*LINES, CURRENT):
        jobs = [(_fresh(kind, line), "create") for kind in kinds]
        for made, _ in jobs:
            fresh[made.kind, line] = made
        if line == FIRST:
            steps = [Made(kind.name, f"{setting or 'plain'} {line}", kind.fresh(_name("steps", setting), setting))
                     for kind in kinds for setting in kind.settings]
            jobs += [(made, "create") for made in steps]
        else:
            steps = [Made(made.kind, f"{made.history} > {line}", made.url) for made in steps
                     if line != CURRENT or not made.history.startswith(NOT_TO_CURRENT)]
            jobs += [(made, "upgrade") for made in steps]
        if line == LAST_TRACES:
            prepared = [Made(kind.name, f"{line}, prepopulated", kind.fresh("prepared", "")) for kind in kinds]
            jobs += [(made, "create") for made in prepared]
        _work(python[line], jobs)
        if line == CURRENT:
            _work(python[line], [(made, "prepopulate") for made in prepared])
            yield prepared
        yield [made for made, what in jobs if made not in prepared]
    with contextlib.ExitStack() as stack:
        mysql = [kind for kind in kinds if kind.name in ("mysql", "mariadb")]
        for kind in mysql:
            stack.enter_context(kind.ansi_quotes())
        again = [*steps, *fresh.values()]
        yield [Made(made.kind, f"{made.history}, read under ANSI_QUOTES", made.url) for made in again
               if made.kind in {kind.name for kind in mysql}]
    yield [restored for kind in kinds for restored in _restored(kind, kinds, fresh, steps)]
    yield from _at_once(fresh, prepared, python[CURRENT])


def _at_once(fresh, prepared, python):
    """What each release made, upgraded by the newest in one go."""
    late = [made for (_, line), made in fresh.items() if line != CURRENT] + prepared
    late = [Made(made.kind, f"{made.history} > {CURRENT}", made.url) for made in late]
    _work(python, [(made, "upgrade") for made in late])
    yield late


def _restored(kind, kinds, fresh, steps):
    """Dumps of a kind's own databases, and of an older server's where it is one that people move from."""
    older = next((other for other in kinds if (other.name, kind.name) == MOVED), None)
    for source in filter(None, (kind, older)):
        made = [made for (name, _), made in fresh.items() if name == source.name]
        made += [made for made in steps if made.kind == source.name and made.history.startswith("plain")]
        for number, one in enumerate(made):
            url = kind.restored(source.dumped(one.url), f"from_{source.name}_{number}")
            yield Made(kind.name, f"{one.history}, restored from a dump of {source.name}", url)


def _fresh(kind, line):
    return Made(kind.name, line, kind.fresh(_name("fresh", line), ""))


def _name(*parts):
    return "_".join(part.replace(".", "_") for part in parts if part)


def _work(python, jobs):
    """Every job in the release's environment; two at a time, which is what small machines have."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda share: _run(python, share), [jobs[0::2], jobs[1::2]]))


def _run(python, jobs):
    if not jobs:
        return
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([str(python), str(WORKER), json.dumps([[what, made.url] for made, what in jobs])],
                          capture_output=True, text=True, check=False, env=environment)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line == "null" or line.startswith('"')]
    if len(answers) != len(jobs):
        raise Broken(f"{python}: {done.stderr[-1500:]}")
    for (made, what), problem in zip(jobs, answers):
        if problem is not None:
            raise Broken(f"{made.kind}: {made.history}: {what}: {problem}")
