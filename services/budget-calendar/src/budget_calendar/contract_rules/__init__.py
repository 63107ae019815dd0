"""A municipality's own contract rules: the amounts up to which it orders without a tender."""
