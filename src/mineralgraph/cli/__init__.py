"""The command line: one file per verb.

Enters: arguments and settings. Leaves: results on stdout, messages and progress on stderr, and
an exit code: 0 all well, 1 findings, 2 could not run. Holds no logic of its own: each verb
calls the pipeline, the queries or the API. Open ``main.py`` first.
"""

from mineralgraph.cli.main import app, main

__all__ = ["app", "main"]
