"""What Magpie costs, measured beside a plain alternative. See docs/benchmarks.md."""
