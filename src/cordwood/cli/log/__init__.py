"""`cordwood log`: the files of logs, looked at and mended.

Lives here: its commands and their words. Must not live here: the work (cordwood.log.tools).
"""
