import threading
from pathlib import Path

import pytest

from deploy.local.cache import cached


def test_an_entry_is_built_once_and_then_found(tmp_path: Path) -> None:
    builds = []

    def build(target: Path) -> None:
        builds.append(target)
        (target / "file").write_text("done")

    first = cached("thing-1", build, root=tmp_path)
    second = cached("thing-1", build, root=tmp_path)

    assert first == second == tmp_path / "thing-1"
    assert (first / "file").read_text() == "done"
    assert len(builds) == 1


def test_a_failed_build_leaves_nothing_and_is_tried_again(tmp_path: Path) -> None:
    def broken(target: Path) -> None:
        (target / "half").touch()
        raise RuntimeError("the network went away")

    with pytest.raises(RuntimeError):
        cached("thing-1", broken, root=tmp_path)

    assert [p for p in tmp_path.iterdir() if p.is_dir()] == []
    assert cached("thing-1", Path.touch, root=tmp_path).is_dir()


def test_two_builders_of_one_entry_build_it_once(tmp_path: Path) -> None:
    building, may_finish = threading.Event(), threading.Event()
    builds = []

    def slow(target: Path) -> None:
        builds.append(target)
        building.set()
        assert may_finish.wait(10)

    def build() -> None:
        cached("thing-1", slow, root=tmp_path)

    first, second = threading.Thread(target=build), threading.Thread(target=build)
    first.start()
    assert building.wait(10)
    second.start()
    may_finish.set()
    first.join(10)
    second.join(10)

    assert len(builds) == 1
