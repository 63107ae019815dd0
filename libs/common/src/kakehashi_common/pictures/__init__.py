"""Pictures as SVG and PNG: shapes, texts that keep their room, colours, Japanese fonts."""
