"""Run the real `mlflow server` on a database for as long as a block lasts."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

READY_SECONDS = 120
STOP_SECONDS = 15


class ServerFailed(RuntimeError):
    """The server did not come up, or would not go; the message has the end of its log."""


@contextlib.contextmanager
def running(backend_url: str, port: int, directory: Path):
    """Yield the server's address. All its processes are gone when the block ends."""
    log = directory / "mlflow-server.log"
    environment = os.environ | {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # No job runners beside the server: they would outlive it for a while.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    # The console script of the interpreter that runs us.
    command = [str(Path(sys.executable).with_name("mlflow")), "server", "--backend-store-uri", backend_url,
               "--artifacts-destination", str(directory / "artifacts"), "--host", "127.0.0.1",
               "--port", str(port), "--workers", "1"]
    with open(log, "wb") as output:
        # A session of its own, so that the whole group can be stopped by its id.
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  env=environment, cwd=directory, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, address, log)
        yield address
    finally:
        _stop(server)


def _wait(server, address, log):
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"mlflow server did not start:\n{log.read_text(errors='replace')[-3000:]}") from None
        time.sleep(0.3)


def _stop(server):
    for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(patience)
        deadline = time.monotonic() + patience
        while _group_lives(server.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not _group_lives(server.pid):
            return
    raise ServerFailed(f"process group {server.pid} of mlflow server does not end")


def _group_lives(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
