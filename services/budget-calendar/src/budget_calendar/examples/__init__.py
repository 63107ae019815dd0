"""`make demo`: one town's predicted year, a prefecture followed, a deal five years on."""
