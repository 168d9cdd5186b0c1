// A transactional producer through kafkajs: the verb `transact`, the steps of transactions one by one.
'use strict'

const { Kafka, Partitioners, logLevel } = require('kafkajs')
const { answer, bare, requests } = require('./lines')

class Transactions {
  constructor(kafka, patience) {
    this.kafka = kafka
    this.patience = patience
  }

  async init({ transactional_id: transactionalId, timeout_ms: transactionTimeout }) {
    this.producer = this.kafka.producer({
      transactionalId,
      transactionTimeout,
      idempotent: true,
      maxInFlightRequests: 1,
      retry: this.patience,
      createPartitioner: Partitioners.DefaultPartitioner,
    })
    await this.producer.connect()
    return null
  }

  async begin() {
    this.transaction = await this.producer.transaction()
    return null
  }

  async send({ records }) {
    const topics = new Map()
    for (const { topic, partition, key, value } of records) {
      if (!topics.has(topic)) topics.set(topic, [])
      topics.get(topic).push({ partition, key: bare(key), value: bare(value) })
    }
    const sent = await this.transaction.sendBatch({
      topicMessages: [...topics].map(([topic, messages]) => ({ topic, messages })),
    })
    // Only the first offset of each partition is told.
    const next = new Map(sent.map(({ topicName, partition, baseOffset }) => [`${topicName}/${partition}`, +baseOffset]))
    return records.map(({ topic, partition }) => {
      const place = `${topic}/${partition}`
      const offset = next.get(place)
      next.set(place, offset + 1)
      return offset
    })
  }

  async offsets({ group, offsets }) {
    const topics = offsets.map(([topic, partition, offset]) => ({
      topic,
      partitions: [{ partition, offset: String(offset) }],
    }))
    await this.transaction.sendOffsets({ consumerGroupId: group, topics })
    return null
  }

  async commit() {
    await this.transaction.commit()
    return null
  }

  async abort() {
    await this.transaction.abort()
    return null
  }
}

async function serve(bootstrap, { patience, logCreator }) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.WARN, logCreator, retry: patience })
  const transactions = new Transactions(kafka, patience)
  for await (const step of requests()) {
    try {
      answer({ ok: await transactions[step.op](step) })
    } catch (error) {
      const code = error.code ?? error.cause?.code ?? error.originalError?.code
      answer({ error: Number.isInteger(code) ? code : null, message: String(error) })
    }
  }
  // What is open stays open: the test has not ended it.
  process.exit(0)
}

module.exports = { serve }
