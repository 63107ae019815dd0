"""Temporal: client, worker, encrypting payload codec, search attributes.

Import from the modules: a process that starts workflows need not load what runs them.
"""
