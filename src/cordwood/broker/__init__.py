"""What a request means: one handler file per family of requests, and the table that names them.

Lives here: validation, authorization, the calls into replicas and controller, the shape of the answer. Must not live
here: sockets, bytes of frames, files.
"""
