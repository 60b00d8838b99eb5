"""How quick Verbatim is, and how near to what no system of its kind could be quicker than. docs/benchmarks.md."""
