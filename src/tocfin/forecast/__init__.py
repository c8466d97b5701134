"""Before the period closes: why a figure changed, what will last, which assumption breaks."""
