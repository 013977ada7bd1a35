"""What the tools in ``tools/`` do once their command line is read: config, Runner, console, errors."""
