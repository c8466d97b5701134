"""A folder, a workbook or data frames become checked tables and findings."""
