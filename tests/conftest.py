"""Being here puts tests/ on the import path, so that every folder of tests finds the shared helpers."""
