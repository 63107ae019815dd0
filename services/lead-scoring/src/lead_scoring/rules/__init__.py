"""Rule files and their stored versions."""
