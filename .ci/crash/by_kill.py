"""SQLite: the upgrade in a child process, killed with SIGKILL at random moments."""

import logging
import mmap
import os
import random
import signal
import struct
import time
import warnings

import points
import stopped
import targets
import upgrades

STARTED_SECONDS = 60
TRIES = 8  # a moment may come after the child's end; then an earlier one is drawn


def run(server, ordinal: int, kills: int, seed: int) -> points.Table:
    """Kill `kills` upgrades of one start state; `seed` chooses the moments."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    began, moments = time.monotonic(), random.Random(f"{seed} {ordinal}")
    target = targets.TARGETS["sqlite"](server)
    pristine, judge_name, name = (f"crash_{ordinal:03}_{part}" for part in ("pristine", "judge", "cut"))
    target.copies(points.maker("sqlite", ordinal), [pristine, judge_name])
    start = _now()
    # In this process, so that every child has all of MLflow imported already.
    texts = stopped.run(target.url(judge_name)).texts
    window = upgrades.Window(start, _now())
    judge = target.read(judge_name)
    table = points.Table("sqlite", ordinal, len(texts))
    latest = window.seconds
    for _ in range(kills):
        for _ in range(TRIES):
            target.drop(name)
            target.clone(pristine, name)
            start = _now()
            number, killed = _killed(target.url(name), moments.uniform(0, latest))
            if killed:
                break
            latest *= 0.7  # the first upgrade was slower than this one
        point = points.Point(number, " ".join(texts[number - 1].split())[:120], hit=killed)
        if killed:
            point.problem = points.heal(target, judge, judge_name, window, name, start)
        table.points.append(point)
        if point.problem or not killed:
            print(f"crash sqlite, state {ordinal}, killed in statement {number} ({point.statement}):"
                  f" {point.problem or 'NOT HIT'}", flush=True)
    for done in (pristine, judge_name, name):
        target.drop(done)
    table.seconds = time.monotonic() - began
    return table


def _killed(url, seconds):
    """(the statement that ran, whether the kill came in time) of an upgrade killed `seconds` after
    its first statement that writes."""
    shared = mmap.mmap(-1, 8)  # survives the child
    child = os.fork()
    if child == 0:
        status = 1
        try:
            stopped.run(url, progress=lambda number: shared.__setitem__(slice(0, 8), struct.pack("q", number)))
            status = 0
        finally:
            os._exit(status)
    deadline = time.monotonic() + STARTED_SECONDS
    while _number(shared) == 0 and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)  # a child that ended is there until we wait for it
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and status != 0:
        raise RuntimeError(f"MLflow's upgrade failed by itself with exit code {os.WEXITSTATUS(status)}")
    return _number(shared), os.WIFSIGNALED(status) and _number(shared) > 0


def _number(shared):
    return struct.unpack("q", shared[:8])[0]


def _now():
    return time.time_ns() // 1_000_000
