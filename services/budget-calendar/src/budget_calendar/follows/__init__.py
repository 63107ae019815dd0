"""Follow municipalities, and keep track of their workflows."""
