"""Teams: who sells, when and where."""
