"""What reaches standard error: one line a fact, and never what a secret was held in."""

import subprocess
import sys

import pytest

FAULT = """
import sys
import structlog
from wardwatch.logs import configure
from wardwatch.settings import Settings

configure(Settings.load(log_format=sys.argv[1]), "test")

def sign_in(password):
    raise RuntimeError("broken")

try:
    sign_in("hunter2-" + "secret")
except RuntimeError:
    structlog.get_logger().exception("request failed")
"""


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_traceback_shows_where_and_not_with_what(form: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAULT, form], capture_output=True, text=True, check=True, timeout=60
    )
    assert "request failed" in done.stderr
    assert "RuntimeError: broken" in done.stderr
    assert "sign_in" in done.stderr
    assert "hunter2-secret" not in done.stderr


def test_what_a_command_logs_stays_out_of_what_it_answers() -> None:
    answers = """
import structlog
import sys
from wardwatch.cli import app, main

@app.command("talk")
def talk():
    structlog.get_logger().warning("something to tell")
    print("{}")

sys.argv = ["wardwatch", "talk"]
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", answers], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "{}\n"
    assert "something to tell" in done.stderr


def test_libraries_tell_nothing_below_a_warning_at_any_level() -> None:
    """At debug aioice writes ICE passwords, and zeep requests with their proof of a password."""
    script = """
import logging
import structlog
from wardwatch.logs import configure
from wardwatch.settings import Settings

configure(Settings.load(log_level="debug"), "test")
for library in ("aioice.ice", "aiortc.rtcpeerconnection", "zeep.transports", "urllib3", "some"):
    logging.getLogger(library).debug("ice-pwd:%s", "hunter2-" + "secret")
    logging.getLogger(library).info("ice-pwd:%s", "hunter2-" + "secret")
    logging.getLogger(library).warning("to be seen by %s", library)
structlog.get_logger("ingest.reader").debug("a line of ours")
structlog.get_logger().debug("one of the program")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert "hunter2-secret" not in done.stderr
    assert done.stderr.count("to be seen by") == 5
    assert "a line of ours" in done.stderr
    assert "one of the program" in done.stderr
