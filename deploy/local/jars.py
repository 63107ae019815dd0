"""The jars of `jars.lock`: fetched from Maven Central, checked, laid out as one directory each.

Run as a program, it resolves `versions.JAR_BUNDLES` again and rewrites `jars.lock`. Nobody else
resolves: a user downloads the locked files, twelve seconds sooner and checked by SHA-256.
"""

import hashlib
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[0] = str(ROOT)

from jgo.maven import Artifact, Dependency, MavenContext  # noqa: E402  (after the path is set)

from deploy.local import versions  # noqa: E402
from deploy.local.cache import cached  # noqa: E402
from deploy.local.progress import StackError, step  # noqa: E402
from deploy.local.shell import AFTER_A_DOWNLOAD  # noqa: E402

LOCK = Path(__file__).with_name("jars.lock")
_DOWNLOADS_AT_ONCE = 8
_TIMEOUT_SECONDS = 60


def bundle(name: str) -> Path:
    """The directory that holds every jar of the bundle `name`, downloaded once."""
    locked = read_lock()[name]
    # The key is the lock's content: another set of jars is another directory.
    key = hashlib.sha256("\n".join(locked).encode()).hexdigest()[:12]

    def download(target: Path) -> None:
        repository = target / ".repository"
        context = MavenContext(repo_cache=repository, timeout=_TIMEOUT_SECONDS)
        with step(f"{name}: {len(locked)} jars"), ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
            for _ in pool.map(lambda line: _fetch(context, line, target), locked):
                pass
        shutil.rmtree(repository)

    return cached(f"{name}-{key}", download)


def read_lock() -> dict[str, list[str]]:
    """`jars.lock` as `<group>:<artifact>:<version> <sha256>` lines per bundle."""
    bundles: dict[str, list[str]] = {}
    for line in LOCK.read_text().splitlines():
        if line.startswith("["):
            current = bundles.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            current.append(line)
    return bundles


def _fetch(context: MavenContext, line: str, target: Path) -> None:
    coordinate, expected = line.split()
    group, name, version = coordinate.split(":")
    artifact: Artifact = context.project(group, name).at_version(version).artifact()
    try:
        jar = artifact.resolve()
    except Exception as failure:  # requests and jgo raise many kinds; all mean "not downloaded"
        raise StackError(
            f"could not download {coordinate}: {failure}\n{AFTER_A_DOWNLOAD}"
        ) from failure
    if _sha256(jar) != expected:
        raise StackError(f"{coordinate} is not the file that deploy/local/jars.lock names")
    jar.rename(target / jar.name)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _resolve(repository: Path) -> str:
    context = MavenContext(repo_cache=repository, timeout=_TIMEOUT_SECONDS)
    lines = ["# Written by `python deploy/local/jars.py` from versions.JAR_BUNDLES; don't edit."]
    for name, coordinates in versions.JAR_BUNDLES.items():
        lines.append(f"[{name}]")
        # raw: a log4j BOM would otherwise pull kafka-clients down to the version it manages.
        roots = [
            Dependency(context.project(group, artifact).at_version(version).artifact(), raw=True)
            for group, artifact, version in (coordinate.split(":") for coordinate in coordinates)
        ]
        inputs, transitive = context.resolver.resolve(roots)
        for artifact in sorted((d.artifact for d in inputs + transitive), key=str):
            digest = _sha256(artifact.resolve())
            lines.append(f"{artifact.groupId}:{artifact.artifactId}:{artifact.version} {digest}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        LOCK.write_text(_resolve(Path(scratch)))
