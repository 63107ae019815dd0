"""The council (議会): sessions and bills as published, and the sessions to be expected."""
