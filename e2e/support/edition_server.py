"""Runs commands of a Python edition, each in a process forked from one that has loaded the program: that is most of its time.

edition_server.py ROOT ASK ANSWER: takes one command, `{root, env, words}` in JSON, from the named pipe ASK, runs it in root with
that environment and answers by the named pipe ANSWER. An empty line ends it. What it loads ahead it finds out in ROOT.
"""

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

from specify_cli import main

root, ask, answer = sys.argv[1:]


def run(root, env, words):
    """Exit status, what it printed, and the modules that were loaded for it."""
    with tempfile.TemporaryDirectory() as place:
        said = {name: os.path.join(place, name) for name in ("stdout", "stderr", "modules")}
        child = os.fork()
        if child == 0:
            for number, name in ((1, "stdout"), (2, "stderr")):
                os.dup2(os.open(said[name], os.O_WRONLY | os.O_CREAT), number)
            # The directory may have been made anew since.
            os.chdir(root)
            os.environ.clear()
            os.environ.update(env)
            sys.argv = ["spec-kitty", *words]
            status = 1
            try:
                status = main() or 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else int(end.code is not None)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                Path(said["modules"]).write_text("\n".join(sys.modules))
                os._exit(status)
        _, status = os.waitpid(child, 0)
        texts = {name: Path(path).read_text() if os.path.exists(path) else "" for name, path in said.items()}
        return os.waitstatus_to_exitcode(status), texts


for name in run(root, dict(os.environ), ["agent", "status", "validate", "--help"])[1]["modules"].split():
    try:
        importlib.import_module(name)
    except Exception:  # noqa: BLE001 - what cannot be loaded ahead is loaded by the command
        pass
while line := Path(ask).read_text().strip():
    status, texts = run(**json.loads(line))
    Path(answer).write_text(json.dumps({"status": status, "stdout": texts["stdout"], "stderr": texts["stderr"]}))
