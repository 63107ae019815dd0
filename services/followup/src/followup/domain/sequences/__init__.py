"""One sequence, as a decider: state and command in, new state and facts out."""
