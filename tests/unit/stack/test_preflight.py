import os
import shutil
import socket
from pathlib import Path

import pytest

from deploy.local import preflight
from deploy.local.instance import from_settings
from deploy.local.progress import StackError

_GIB = 1 << 30


def test_a_disk_that_is_nearly_full_is_named_with_what_is_free_and_what_is_needed(
    tmp_path: Path,
) -> None:
    needed = shutil.disk_usage(tmp_path).free + _GIB

    with pytest.raises(StackError) as refused:
        preflight.check_space(tmp_path, needed, "free some")

    assert str(refused.value).startswith(f"the disk of {tmp_path} has ")
    assert str(refused.value).endswith(
        f" GiB free, and {needed / _GIB:.0f} GiB are needed: free some"
    )


def test_a_disk_with_room_is_accepted(tmp_path: Path) -> None:
    preflight.check_space(tmp_path, 1, "free some")


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cant_be_made_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StackError, match=r"can't be written to .*: choose another"):
        preflight.check_folder(tmp_path / place, "choose another")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(StackError, match="Permission denied"):
        preflight.check_folder(tmp_path, "choose another")


def test_the_port_of_a_server_that_is_somebody_elses_may_be_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        settings = {"KAKEHASHI_DEMO_KAFKA_PORT": port}
        own = from_settings("demo", settings)
        external = from_settings(
            "demo", {**settings, "KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{port}"}
        )

        with pytest.raises(StackError, match=f"port {port} for kafka is taken"):
            preflight.check_ports(own, preflight.own_listeners(own))
        assert "kafka" not in preflight.own_listeners(external)
