"""The packet (引き継ぎ票): what the receiving side needs to know."""
