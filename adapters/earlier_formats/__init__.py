"""What earlier programs wrote into the home folder, read as credentials of ours."""
