"""`cordwood produce` and `cordwood consume`: records on their way in and out of a terminal.

Lives here: the two commands, how records are written (`formats`, `json_record`, `lines`) and read (`input`). Must not
live here: the way to a cluster (`cli.client`).
"""
