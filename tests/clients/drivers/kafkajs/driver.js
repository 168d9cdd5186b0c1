// The driver around kafkajs. The lines it speaks are described in protocol.py beside this folder.
//
// kafkajs consumes through consumer groups only. To read a partition without one, `consume` goes a step lower, to the
// cluster and broker objects of which its consumer is made: the same metadata, fetch and decoding code, no group.
'use strict'

const { Kafka, Partitioners, logLevel } = require('kafkajs')
const Cluster = require('kafkajs/src/cluster')
const Batch = require('kafkajs/src/consumer/batch')
const ISOLATION = require('kafkajs/src/protocol/isolationLevel')
const createSocketFactory = require('kafkajs/src/network/socketFactory')
const { createLogger } = require('kafkajs/src/loggers')
const admin = require('./admin')
const codecs = require('./codecs')
const group = require('./group')
const survey = require('./survey')
const transact = require('./transact')
const { answer, armour, bare, packHeaders, requests, unpackHeaders } = require('./lines')

// kafkajs sends all that it is given in one batch, and the broker takes no batch of more than 1 MiB.
const SEND_BYTES = 500_000
const PARTITION_FETCH_BYTES = 2 * 1024 * 1024
const ACKS = { 0: 0, 1: 1, all: -1 }
// A broker that is killed and started again is back in well under a second.
const PATIENCE = { initialRetryTime: 20, maxRetryTime: 100, retries: Number.MAX_SAFE_INTEGER }

const logCreator = () => ({ namespace, log }) => console.error(namespace, log.message, log.error ?? '')

// One producer, and the records that wait for it. Records are sent in their order, one request after the other.
class Sender {
  constructor(kafka, { codec = 'none', acks = 'all', idempotent = false }) {
    const createPartitioner = Partitioners.DefaultPartitioner
    this.producer = kafka.producer({ idempotent, maxInFlightRequests: 1, retry: PATIENCE, createPartitioner })
    this.acks = ACKS[acks]
    this.compression = codecs[codec]
    this.waiting = []
    this.running = null
  }

  push(line) {
    this.waiting.push(line)
    this.running ??= this.drain().finally(() => (this.running = null))
  }

  async drain() {
    await this.producer.connect()
    while (this.waiting.length) {
      const lines = this.take()
      try {
        await this.send(lines)
      } catch (error) {
        lines.forEach(({ n }) => answer({ n, error: String(error) }))
      }
    }
  }

  take() {
    let size = 0
    let count = 0
    while (count < this.waiting.length && (count === 0 || size < SEND_BYTES)) {
      size += this.waiting[count].value?.length ?? 0
      count += 1
      if ((this.waiting[count]?.value?.length ?? 0) > SEND_BYTES) break
    }
    return this.waiting.splice(0, count)
  }

  async send(lines) {
    const topics = new Map()
    for (const line of lines) {
      if (!topics.has(line.topic)) topics.set(line.topic, [])
      topics.get(line.topic).push({
        partition: line.partition,
        key: bare(line.key),
        value: bare(line.value),
        headers: packHeaders(line.headers),
        timestamp: line.timestamp_ms == null ? undefined : String(line.timestamp_ms),
      })
    }
    const sent = await this.producer.sendBatch({
      acks: this.acks,
      compression: this.compression,
      topicMessages: [...topics].map(([topic, messages]) => ({ topic, messages })),
    })
    const next = new Map(sent.map(({ topicName, partition, baseOffset }) => [`${topicName}/${partition}`, +baseOffset]))
    for (const { n, topic, partition } of lines) {
      const place = `${topic}/${partition}`
      const offset = this.acks === 0 ? -1 : next.get(place)
      next.set(place, offset + 1)
      answer({ n, topic, partition, offset })
    }
  }

  async close() {
    while (this.running) await this.running
    await this.producer.disconnect()
  }
}

async function produce(bootstrap) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.WARN, logCreator, retry: PATIENCE })
  const senders = new Map()
  for await (const line of requests()) {
    const manner = JSON.stringify([line.codec, line.acks, line.idempotent])
    if (!senders.has(manner)) senders.set(manner, new Sender(kafka, line))
    senders.get(manner).push(line)
  }
  for (const sender of senders.values()) await sender.close()
}

function openCluster(bootstrap, isolationLevel) {
  return new Cluster({
    brokers: [bootstrap],
    logger: createLogger({ level: logLevel.WARN, logCreator }),
    socketFactory: createSocketFactory(),
    connectionTimeout: 5000,
    metadataMaxAge: 300000,
    retry: PATIENCE,
    allowAutoTopicCreation: false,
    isolationLevel,
  })
}

// A partition that is read: the line of the request, moving on.
function show(want, topic, data) {
  // As its consumer does it: without aborted and control records, and what comes before the offset that was asked for.
  const batch = new Batch(topic, want.offset, data)
  for (const message of batch.messages.slice(0, want.count)) {
    want.count -= 1
    answer({
      topic,
      partition: want.partition,
      offset: Number(message.offset),
      timestamp_ms: Number(message.timestamp),
      key: armour(message.key),
      value: armour(message.value),
      headers: unpackHeaders(message.headers),
    })
  }
  if (!batch.isEmptyIncludingFiltered()) want.offset = Number(batch.lastOffset()) + 1
}

async function consume(bootstrap, { isolation, maxWaitTime }) {
  const wants = new Map()
  for await (const want of requests()) wants.set(`${want.topic}/${want.partition}`, want)
  const isolationLevel = isolation === 'read_committed' ? ISOLATION.READ_COMMITTED : ISOLATION.READ_UNCOMMITTED
  const cluster = openCluster(bootstrap, isolationLevel)
  await cluster.connect()
  await cluster.addMultipleTargetTopics([...new Set([...wants.values()].map(({ topic }) => topic))])
  for (;;) {
    const topics = [...wants.values()]
      .filter(({ count }) => count > 0)
      .map(({ topic, partition, offset }) => ({
        topic,
        partitions: [{ partition, fetchOffset: String(offset), maxBytes: PARTITION_FETCH_BYTES }],
      }))
    if (topics.length === 0) break
    // The tests run one broker: it leads every partition.
    const broker = await cluster.findControllerBroker()
    const { responses } = await broker.fetch({ isolationLevel, maxWaitTime, topics })
    for (const { topicName, partitions } of responses) {
      for (const data of partitions) show(wants.get(`${topicName}/${data.partition}`), topicName, data)
    }
  }
  await cluster.disconnect()
}

async function main() {
  const [verb, bootstrap, ...rest] = process.argv.slice(2)
  const options = { isolation: 'read_uncommitted', maxWaitTime: 100 }
  for (let i = 0; i + 1 < rest.length; i += 2) {
    if (rest[i] === '--isolation') options.isolation = rest[i + 1]
    if (rest[i] === '--max-wait-ms') options.maxWaitTime = Number(rest[i + 1])
    if (rest[i] === '--name') options.name = rest[i + 1]
  }
  const join = bootstrap => group.serve(bootstrap, { patience: PATIENCE, logCreator })
  const steps = bootstrap => transact.serve(bootstrap, { patience: PATIENCE, logCreator })
  const calls = (bootstrap, { name }) => survey.serve(bootstrap, { name, logCreator })
  const verbs = { produce, consume, admin: admin.serve, survey: calls, group: join, transact: steps }
  await verbs[verb](bootstrap, options)
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
