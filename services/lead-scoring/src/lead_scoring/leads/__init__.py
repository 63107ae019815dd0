"""Scored leads for people: lists, explanations, history, municipalities."""
