"""Publish, preview and compare rule sets, over HTTP and from the command line."""
