"""The workflow of a sequence."""
