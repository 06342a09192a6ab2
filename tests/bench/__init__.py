"""The benchmarks: ratios to floors that are measured in the same run, on the same server, with the same store."""
