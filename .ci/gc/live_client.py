"""A user of MLflow who creates, logs, deletes and restores all the time, and remembers what must be there."""

import random
import threading
import time
from dataclasses import dataclass, field

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException

FILES = ("a.txt", "deep/b.txt")
METRICS = 20
# How long a deleted thing lies before somebody thinks better of it, seconds.
REGRETS = (0, 0.02, 0.1, 0.4, 1.0)


@dataclass
class Ledger:
    """What the clients hold active, and what befell them."""

    runs: dict = field(default_factory=dict)  # active runs: id to the experiment that it is in
    experiments: set = field(default_factory=set)
    restored: set = field(default_factory=set)
    deleted: int = 0
    gone: int = 0  # restores that came after the row was gone, and were told so
    crossed: int = 0  # restores that met the deletion itself: MLflow answers 500, and nothing is restored
    errors: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class User(threading.Thread):
    """Works until `over` is set. No two users touch the same thing."""

    def __init__(self, address, ledger, over, seed):
        super().__init__(daemon=True)
        self.client, self.ledger, self.over = MlflowClient(address), ledger, over
        self.random, self.name, self.made = random.Random(seed), f"user{seed}", 0
        self.lying = []  # deleted a while ago

    def run(self):
        try:
            home = self.client.create_experiment(f"{self.name}-home")
            while not self.over.is_set():
                self.once(home)
        except Exception as error:  # whatever it is, it is the result of the test
            self.ledger.errors.append(f"{self.name}: {type(error).__name__}: {error}")

    def once(self, home):
        choice = self.random.random()
        if choice < 0.25:
            self.hold(self.make(home), home)
        elif choice < 0.6:
            run = self.make(home)
            self.client.delete_run(run)
            self.ledger.deleted += 1
            self.lying.append(run)
        elif choice < 0.85:
            self.regret_run(home)
        else:
            self.regret_experiment()

    def make(self, experiment):
        run = self.client.create_run(experiment).info.run_id
        self.client.log_batch(run, [Metric("m", i, i, i) for i in range(METRICS)], [Param("p", "v")])
        for path in FILES:
            folder, _, name = path.rpartition("/")
            self.client.log_text(run, "abc", f"{folder}/{name}" if folder else name)
        return run

    def hold(self, run, experiment):
        with self.ledger.lock:
            self.ledger.runs[run] = experiment

    def regret_run(self, home):
        if self.lying and self.random.random() < 0.5:
            run = self.lying.pop(self.random.randrange(len(self.lying)))
        else:
            run = self.make(home)
            self.client.delete_run(run)
            self.ledger.deleted += 1
            time.sleep(self.random.choice(REGRETS))
        if self.restored(lambda: self.client.restore_run(run)):
            self.hold(run, home)
            self.ledger.restored.add(run)
        del self.lying[:-200]

    def regret_experiment(self):
        self.made += 1
        experiment = self.client.create_experiment(f"{self.name}-{self.made}")
        runs = [self.make(experiment) for _ in range(2)]
        self.client.delete_experiment(experiment)
        self.ledger.deleted += len(runs)
        time.sleep(self.random.choice(REGRETS))
        if self.random.random() < 0.5 or not self.restored(lambda: self.client.restore_experiment(experiment)):
            return
        self.ledger.experiments.add(experiment)
        # MLflow restores the runs that are there with it; those that were collected before are gone.
        for run in self.client.search_runs([experiment]):
            self.hold(run.info.run_id, experiment)
            self.ledger.restored.add(run.info.run_id)

    def restored(self, restore) -> bool:
        try:
            restore()
            return True
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                self.ledger.gone += 1
            elif "StaleDataError" in str(error) or "expected to update" in str(error):
                self.ledger.crossed += 1
            else:
                raise
            return False
