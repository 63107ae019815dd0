"""Events over HTTP, in every way that CloudEvents travel: validated, acknowledged, published."""
