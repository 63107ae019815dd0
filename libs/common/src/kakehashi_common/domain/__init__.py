"""Values that the domains of several services share; they import only the standard library."""
