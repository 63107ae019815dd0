"""Opt-outs by the link of a mail: a page for people, one click for mail programs."""
