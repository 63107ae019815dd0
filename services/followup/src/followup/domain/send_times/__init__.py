"""The hours and channels by which somebody is most likely to answer."""
