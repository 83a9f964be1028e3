"""`python -m wardwatch`: what the supervisor starts its children with."""

from wardwatch.cli import app

if __name__ == "__main__":
    app()
