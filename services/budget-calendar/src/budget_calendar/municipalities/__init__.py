"""The municipalities as they are stored: facts about them, and refreshing the registry."""
