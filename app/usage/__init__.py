"""Usage: providers' bills as normalised lines and their sums, in Parquet files that DuckDB reads."""
