"""Scores, their explanations and the decisions that follow from them. Standard library only."""
