"""Speed as ratios to floors taken in the same run: `python -m tests.benchmarks`. No timed tests."""
