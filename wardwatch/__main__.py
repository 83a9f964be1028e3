"""`python -m wardwatch`: what the supervisor starts its children with."""

from wardwatch.cli import main

if __name__ == "__main__":
    main()
