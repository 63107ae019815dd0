"""What customers answer to short surveys."""
