"""`python -m bot` is `magpie`."""

from bot.cli import main

main()
