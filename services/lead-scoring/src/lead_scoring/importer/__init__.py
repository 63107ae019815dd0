"""`lead-scoring import`: files of any layout in, lead events on Kafka out."""
