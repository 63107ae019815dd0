"""Approvals and tasks of who is away go to somebody else."""
