"""Sessions of municipalities' councils, as budget-calendar publishes them."""
