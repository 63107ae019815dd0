"""Proofs of concept (実証実験): what was agreed, what was measured each week, what came of it."""
