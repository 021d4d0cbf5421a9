"""What is said of models before one is picked: their order, the detail lines, favourites."""
