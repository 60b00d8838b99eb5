"""Brings the history of another chat into a running Verbatim, through the command service like everything else."""
