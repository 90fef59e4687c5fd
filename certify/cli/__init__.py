"""The command line, one file a command: a command is imported only when it is called, so that help comes at once."""
