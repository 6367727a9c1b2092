"""The rows that fill a start state: a generator for any table, and hand-made rows for some."""
