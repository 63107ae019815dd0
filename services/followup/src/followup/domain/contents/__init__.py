"""Choose the material that suits a reader and an occasion."""
