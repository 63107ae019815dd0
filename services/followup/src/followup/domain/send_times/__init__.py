"""When somebody is most likely to answer."""
