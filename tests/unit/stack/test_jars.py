from deploy.local import versions
from deploy.local.jars import read_lock


def test_the_lock_holds_what_the_versions_ask_for() -> None:
    locked = {bundle: {line.split()[0] for line in lines} for bundle, lines in read_lock().items()}

    assert locked.keys() == versions.JAR_BUNDLES.keys()
    for bundle, coordinates in versions.JAR_BUNDLES.items():
        assert locked[bundle].issuperset(coordinates)


def test_the_client_library_inside_the_broker_is_the_brokers_own_version() -> None:
    # A log4j BOM in the resolution once took it back to 3.8.0, and the broker started all the same.
    assert f"org.apache.kafka:kafka-clients:{versions.KAFKA}" in {
        line.split()[0] for line in read_lock()["kafka"]
    }
