"""Numbers in, numbers out: serial compiled loops over columns. Nothing here starts a thread or reads a file."""
