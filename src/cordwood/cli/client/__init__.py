"""The way to a Kafka cluster, any Kafka: how commands connect, ask, and are told of errors.

Lives here: connection options (`options`, with files of `properties`), clients of librdkafka that end when nobody answers
(`connecting`), what errors of Kafka mean for people and for the exit code (`errors`), offsets as people write them
(`offset_spec`) and as a cluster knows them (`offsets`), names chosen by patterns (`patterns`). Must not live here: APIs
that only Cordwood has (`cluster`), and what is shown (`terminal`).

    @click.command("list")
    @connection_options                                   # -b -X -F --timeout; the argument `connection`
    @output_option
    def list_topics(connection: Connection, output: Output) -> None:
        with cluster(connection) as kafka:                # ends the program with a line and a code if it fails
            everything = kafka.metadata()                 # all brokers and topics
            described = dict(kafka.topics(["orders"]))    # TopicDescription or KafkaError by name; creates none
            result = kafka.wait(kafka.admin.list_groups())                           # a future of the admin client
            for name, outcome in kafka.outcomes(kafka.admin.delete_topics(names)):   # futures by name, as they come
                if isinstance(outcome, KafkaError):
                    outcomes.failed(f"{name}: {words_of(outcome)}", exit_of(outcome))

    with failures_told(connection):                       # for a client of one's own
        watch = Watch(connection)
        consumer = Consumer(connection.properties_with(watch, {"group.id": "x"}))
        message = consumer.poll(0.1)
        watch.check()                                     # raises Unreachable once every broker is known to be down

    spec = parse_range("@-1h:end", now_ms)                # -> OffsetRange(AtTime(...), End())
    starts = resolve(kafka, partitions, spec.start)       # -> {(topic, partition): offset}
"""
