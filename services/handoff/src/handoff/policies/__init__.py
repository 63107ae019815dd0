"""Policies: the settings of the sales organisation, as documents that people change over HTTP."""
