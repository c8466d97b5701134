"""The one place that turns whatever happens into a message and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

import click

from tocfin.cli.talk import Talk, advice
from tocfin.errors import DatasetError, TocfinError

FINE, CRASHED, REFUSED, MISSED = 0, 1, 2, 3
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
PIPE_CLOSED = 141  # 128 + SIGPIPE


class PipeClosedError(Exception):
    """Who read stdout has stopped reading; nobody is left to be told."""


def settle(run: Callable[[], object], talk: Talk) -> int:
    """Call ``run``, say on stderr what went wrong, and return the exit code. Never lets a traceback out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 must not end a run
    try:
        code = run()
    except SystemExit:
        raise
    except BaseException as fault:  # a panic of a compiled library is no Exception
        return _explain(fault, talk)
    return code if isinstance(code, int) else FINE


def _explain(fault: BaseException, talk: Talk) -> int:
    match fault:
        case TocfinError():
            if isinstance(fault, DatasetError):
                talk.findings(fault.findings)
            else:
                talk.alarm(f"Error: {fault}")
            if fault.next:
                talk.alarm(advice(fault.next))
            return fault.exit_code
        case click.Abort() | KeyboardInterrupt():
            talk.alarm("interrupted")
            return INTERRUPTED
        case click.ClickException():
            fault.show()
            return REFUSED
        case PipeClosedError():
            for stream in (sys.stdout, sys.stderr):  # the flush at exit must not complain
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            return PIPE_CLOSED
        case OSError(filename=name, strerror=why) if name and why:
            talk.alarm(f"Error: {os.fspath(name)}: {why}")
            return REFUSED
        case _:
            return _crash(fault, talk)


def _crash(fault: BaseException, talk: Talk) -> int:
    if os.environ.get("TOCFIN_DEBUG"):
        import traceback  # only who meets a fault of ours waits for it

        talk.alarm("".join(traceback.format_exception(fault)).rstrip())
    words = " ".join(str(fault).split())[:200]
    talk.alarm(f"internal error: {type(fault).__name__}: {words} (set TOCFIN_DEBUG=1 to see where; please report it)")
    return CRASHED
