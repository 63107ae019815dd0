"""`lead-scoring replay`: recorded leads through the broker, and what their scores foretold."""
