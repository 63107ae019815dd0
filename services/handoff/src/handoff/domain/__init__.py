"""The domain of handoffs: pure, the standard library and business time only."""
