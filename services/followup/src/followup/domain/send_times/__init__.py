"""When, and by which channel, somebody is most likely to answer."""
