"""The pictures of docs/images, taken of the running sandbox: `make pictures`."""
