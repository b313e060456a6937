"""From vectors to a plane or a space: exact neighbours, and layouts of all layers at once."""
