"""The demo's journey: one lead and one municipality, through all four services.

The municipality is real; its people, what they do and all amounts are made up.
"""
