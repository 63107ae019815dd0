"""The local stack's command line: `python deploy/local/stack.py --help`.

Runs on any Python 3.11 without packages: it installs `.venv` first and goes on inside it.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from deploy.local import bootstrap, instance, preflight  # noqa: E402  (importable by the line above)
from deploy.local.progress import StackError, say  # noqa: E402

_INSIDE = "KAKEHASHI_STACK_INSIDE_VENV"
_STARTING = ("up", "run")
_INSTALLING = ("setup", *_STARTING)


def main(arguments: list[str]) -> int:
    """Run one command; 0 when it did its work, 1 with one clear line when it could not."""
    try:
        if os.environ.get(_INSIDE) != "1":
            _check(arguments)
            bootstrap.sync()
            program = str(bootstrap.VENV_PYTHON)
            os.execve(  # noqa: S606  (the same script, on the checkout's Python)
                program,
                [program, str(Path(__file__).resolve()), *arguments],
                os.environ | {_INSIDE: "1"},
            )
        os.environ.pop(_INSIDE)
        from deploy.local import commands  # noqa: PLC0415  (needs .venv)

        status = commands.run(_parser().parse_args(arguments))
        sys.stdout.flush()
    except StackError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has what they wanted, `head` for instance. What is left is written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # The disk is full, a file belongs to somebody else.
        say(f"error: {error.filename or 'the system'}: {error.strerror}")
        return 1
    else:
        return status


def _check(arguments: list[str]) -> None:
    """Refuse at once what would fail minutes later; a mistake in `arguments` ends the program."""
    bootstrap.require_python()
    parsed = _parser().parse_args(arguments)
    if parsed.command in _INSTALLING:
        starts = parsed.command in _STARTING
        preflight.check(instance.load(parsed.instance), starts=starts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Kafka, PostgreSQL, Temporal and the services.")
    parser.add_argument("--instance", default="demo", help="demo (default) or test")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("setup", help="install and build everything; start nothing")
    up = commands.add_parser("up", help="start what isn't running")
    up.add_argument("--only", choices=["servers"], help="leave the services stopped")
    commands.add_parser("down", help="stop everything; data stays")
    commands.add_parser("reset", help="stop everything and forget its data")
    commands.add_parser("status", help="what runs, since when, where")
    logs = commands.add_parser("logs", help="follow the logs")
    logs.add_argument("names", nargs="*", metavar="NAME", help="processes; all when none is named")
    commands.add_parser("env", help="settings of the services as KEY=VALUE lines")
    for name, meaning in {
        "start": "start one process and wait until it is ready",
        "stop": "stop one process",
        "restart": "stop one process, start it, wait until it is ready",
        "kill9": "end one process with SIGKILL; it comes back by itself",
    }.items():
        commands.add_parser(name, help=meaning).add_argument("name", metavar="NAME")
    for name, meaning in {
        "exec": "run a command with the settings that `env` prints",
        "run": "run a command while the servers are up; stop them if they weren't",
    }.items():
        parsed = commands.add_parser(name, help=meaning)
        parsed.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
