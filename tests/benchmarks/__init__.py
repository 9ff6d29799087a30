"""The benchmarks' own parts; what they measure depends on the machine and is not tested."""
