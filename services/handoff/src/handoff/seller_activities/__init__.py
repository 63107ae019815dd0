"""Sellers' activities, and the steps of handoffs recognised from them."""
