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
