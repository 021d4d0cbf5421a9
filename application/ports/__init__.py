"""One promise a file: what the use cases need, failures included."""
