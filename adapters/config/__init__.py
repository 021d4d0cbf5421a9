"""The person's config file: read with the standard library, edited with tomlkit."""
