"""Events in, scores out: the consumer, its transaction and what it announces."""
