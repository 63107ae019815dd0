"""Approvals: what a step will send is shown to a person first."""
