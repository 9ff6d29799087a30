"""``python -m mineralgraph`` is the command line."""

from mineralgraph.cli import main

if __name__ == "__main__":
    main()
