"""What is known of leads and their municipalities, from the events of other services."""
