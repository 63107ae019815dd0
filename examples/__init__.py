"""Input and rule sets to try Kakehashi with."""
