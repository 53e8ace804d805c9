"""What `Bench/run` measures with. Nothing of it is for tests."""
