"""The node: one broker put together from its parts.

The composition root, the only place which names concrete classes. Lives here: the configuration of a node
(`configuration`), where it comes from (`sources`, `toml_places`, `addresses`), and the node itself (`node`). Must not
live here: what the parts do.
"""
