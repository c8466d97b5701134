"""Before the period closes: where it will end, how sure; why a figure changed, what will last, which assumption breaks."""
