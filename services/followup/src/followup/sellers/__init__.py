"""Sellers: whose name stands under a message, and who does tasks."""
