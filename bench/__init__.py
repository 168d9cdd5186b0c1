"""`make bench`: Cordwood beside Apache Kafka, Redis Streams and RabbitMQ Streams, doing the same work in the same run.

Here live the subjects (how each server is started, watched and stopped), the measures (what work they are given), the
load generators in C (`load/`) and the report. Nothing of `cordwood` is imported: the broker is measured from outside,
as a process that speaks Kafka's protocol. `bench/README.md` explains every figure.
"""
