"""The program: settings, command line, composition of the rooms, supervision of processes."""

__version__ = "0.1.0"
