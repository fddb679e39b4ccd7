"""The line protocol of the drivers: a command a line on standard input, a reply or an event a line on standard output.

Commands are those of ../driver.ts; every driver has the same."""

import json
import sys
import threading

_lock = threading.Lock()
# Clients print too: what is for the runner goes out by a descriptor of its own.
_out = sys.stdout
sys.stdout = sys.stderr


def say(**message):
    with _lock:
        _out.write(json.dumps(message) + "\n")
        _out.flush()


def commands():
    for line in sys.stdin:
        yield json.loads(line)
