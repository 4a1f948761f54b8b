"""The web app and the command line: the top floor, which sees all and is seen by none."""
