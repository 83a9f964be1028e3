"""`python -m sample_streams`: serve scenes as cameras, or generate them anew."""

import sys

from sample_streams.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
