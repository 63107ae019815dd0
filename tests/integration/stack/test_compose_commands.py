"""Commands in `compose.yaml` that are this repository's too are understood by the same program."""

import re
import subprocess

from ruamel.yaml import YAML

from deploy.local import temporal_build
from deploy.local.bootstrap import ROOT


def test_temporal_knows_its_options() -> None:
    compose = YAML(typ="safe").load((ROOT / "deploy" / "compose.yaml").read_text())
    server, start, *options = compose["services"]["temporal"]["command"]
    shown = subprocess.run(
        [temporal_build.executable(), server, start, "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    known = set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", shown, re.MULTILINE))
    used = {word.partition("=")[0] for word in options}
    assert used <= known
