"""The version of the package, apart so that every module may ask for it."""

__version__ = "0.1.0.dev0"
