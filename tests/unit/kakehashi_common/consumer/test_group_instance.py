"""A name belongs to one process at a time, and the next one that starts has it again."""

from pathlib import Path

from kakehashi_common.consumer.group_instance import GroupInstance


def test_each_process_has_a_name_of_its_own_and_the_next_takes_over_a_free_one(
    tmp_path: Path,
) -> None:
    first, second = (GroupInstance("127.0.0.1:9092", "scoring", tmp_path) for _ in range(2))
    other_group = GroupInstance("127.0.0.1:9092", "followup", tmp_path)
    names = {first.name, second.name, other_group.name}
    assert len(names - {None}) == 3

    first.release()
    assert GroupInstance("127.0.0.1:9092", "scoring", tmp_path).name == first.name


def test_the_name_is_one_that_kafka_takes(tmp_path: Path) -> None:
    name = GroupInstance("127.0.0.1:9092", "scoring", tmp_path).name
    assert name is not None
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert len(name) <= 249


def test_without_a_folder_to_write_to_the_process_is_a_new_member(tmp_path: Path) -> None:
    assert GroupInstance("127.0.0.1:9092", "scoring", tmp_path / "missing").name is None
