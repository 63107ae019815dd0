"""What is sent to contacts: which material suits a reader and an occasion."""
