"""What the front end must know of the server's models, written as TypeScript: `make types-web`."""
