"""Two copies of one database, made anew for every selection, and of the artifacts that both name."""

import shutil

import clone_mysql
import sqlalchemy

BASE, THEIRS, OURS = "gc_base", "gc_mlflow", "gc_mltrack"


class Copies:
    """The database `gc_base` of a target, and what both collections get of it."""

    def __init__(self, target, dialect, home):
        self.target, self.home = target, home
        self.refills = dialect in ("mysql", "mariadb")
        self.first = True

    def fresh(self, statements) -> None:
        """Both copies as the base is, but for `statements`."""
        for name in (THEIRS, OURS):
            if self.refills and not self.first:
                # A clone takes a minute of DDL for twenty selections; the schema does not change.
                self._refill(name)
            else:
                self.target.drop(name)
                self.target.clone(BASE, name)
            self.execute(name, statements)
        self.first = False

    def execute(self, name, statements) -> None:
        """Run SQL in one transaction."""
        engine = sqlalchemy.create_engine(self.target.url(name), poolclass=sqlalchemy.pool.NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def rows(self, name) -> dict:
        """{table: Rows}."""
        engine = sqlalchemy.create_engine(self.target.url(name), poolclass=sqlalchemy.pool.NullPool)
        try:
            return self.target.rows.read(engine)
        finally:
            engine.dispose()

    def save_artifacts(self) -> None:
        """Remember the artifacts as they are."""
        shutil.copytree(self.home / "mlruns", self.home / "saved")

    def fresh_artifacts(self) -> None:
        """Put them back."""
        shutil.rmtree(self.home / "mlruns", ignore_errors=True)
        shutil.copytree(self.home / "saved", self.home / "mlruns")

    def files(self) -> set:
        """The paths of all artifacts, from the directory that holds `mlruns`."""
        return {str(path.relative_to(self.home)) for path in (self.home / "mlruns").rglob("*") if path.is_file()}

    def _refill(self, name):
        engine = sqlalchemy.create_engine(self.target.url(name), poolclass=sqlalchemy.pool.NullPool)
        with engine.begin() as connection:
            run = connection.exec_driver_sql
            run("SET SESSION foreign_key_checks = 0, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
            columns = {}
            for table, column in run(clone_mysql.GENERATED.format(BASE).replace("%", "%%")).fetchall():
                columns.setdefault(table, []).append(f"`{column}`")
            for table, names in columns.items():
                listed = ", ".join(names)
                run(f"DELETE FROM `{table}`")
                run(f"INSERT INTO `{table}` ({listed}) SELECT {listed} FROM `{BASE}`.`{table}`")
        engine.dispose()
