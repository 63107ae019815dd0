"""The part of a log that is shown when a process did not start."""

from deploy.local.shell import last_lines

_KAFKA = """\
[2026-11-30 00:46:01,120] INFO Awaiting socket connections on 127.0.0.1:41233.
[2026-11-30 00:46:01,131] ERROR [ControllerServer id=1] Fatal error during controller startup.
org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:41233.
\tat kafka.network.Acceptor.openServerSocket(SocketServer.scala:636) ~[kafka_2.13-4.1.0.jar:?]
Caused by: java.net.BindException: Address already in use
"""


def test_the_reason_is_shown_and_java_s_frames_are_not() -> None:
    frames = "\tat java.base/sun.nio.ch.Net.bind(Unknown Source) ~[?:?]\n" * 40

    shown = last_lines(_KAFKA + frames + "\t... 6 more\n")

    assert shown.splitlines() == [line for line in _KAFKA.splitlines() if "\tat " not in line]


def test_an_empty_log_is_named_as_such() -> None:
    assert last_lines("\n") == "(it wrote nothing)"
