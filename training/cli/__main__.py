"""Run `weir-train` as `python -m training.cli`."""

from training.cli import main

if __name__ == "__main__":
    main()
