"""The providers' own lists of models: how they are asked for, read and kept."""
