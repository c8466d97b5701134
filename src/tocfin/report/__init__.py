"""Results become text, JSON, CSV and workbooks. Rounds; computes nothing else."""
