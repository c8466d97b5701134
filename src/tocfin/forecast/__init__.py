"""Before the period closes: where it will end, how sure, why it changed, what will last, which assumption breaks."""
