"""Files that other programs wrote into our home folder: read, taken over, and kept as they were."""
