"""Other ways to do the same job."""
