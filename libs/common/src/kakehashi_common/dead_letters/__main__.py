"""``python -m kakehashi_common.dead_letters``."""

from kakehashi_common.dead_letters.commands import cli

cli()
