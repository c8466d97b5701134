"""Many worlds of one plan: what is drawn, how it is run, kept and compared."""
