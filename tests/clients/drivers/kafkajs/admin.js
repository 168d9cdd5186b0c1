// The admin calls of kafkajs, each with plain arguments and a plain result.
'use strict'

const { Kafka, ConfigResourceTypes, logLevel } = require('kafkajs')
const { answer, requests } = require('./lines')

const TOPIC_ALREADY_EXISTS = 36
const LIMITED = { initialRetryTime: 20, retries: 3 }

const pairs = configs => Object.entries(configs ?? {}).map(([name, value]) => ({ name, value }))

const operations = {
  async create_topic(admin, { topic, partitions = -1, replication_factor = -1, configs, validate_only = false }) {
    const numbers = { numPartitions: partitions, replicationFactor: replication_factor }
    const created = await admin.createTopics({
      validateOnly: validate_only,
      topics: [{ topic, ...numbers, configEntries: pairs(configs) }],
    })
    // kafkajs reports a topic that exists by `false`.
    if (!created) throw Object.assign(new Error('the topic exists'), { code: TOPIC_ALREADY_EXISTS })
    return null
  },

  async delete_topic(admin, { topic }) {
    await admin.deleteTopics({ topics: [topic] })
    return null
  },

  async create_partitions(admin, { topic, total }) {
    await admin.createPartitions({ topicPartitions: [{ topic, count: total }] })
    return null
  },

  async replace_configs(admin, { topic, configs }) {
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configEntries: pairs(configs) }
    await admin.alterConfigs({ validateOnly: false, resources: [resource] })
    return null
  },

  async configs(admin, { topic }) {
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic }
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
    return Object.fromEntries(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]))
  },

  async delete_records(admin, { topic, partition, before }) {
    // kafkajs knows the leaders of those topics only that it was asked about.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] })
    return {}
  },

  async cluster(admin) {
    const { brokers, controller, clusterId } = await admin.describeCluster()
    const nodes = brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port }))
    return { cluster_id: clusterId, controller, brokers: nodes }
  },

  async topics(admin) {
    return (await admin.listTopics()).sort()
  },

  async describe_topic(admin, { topic }) {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitions = topics[0].partitions.map(({ partitionId, leader, replicas, isr }) => ({
      id: partitionId,
      leader,
      replicas,
      isr,
    }))
    return { partitions: partitions.sort((left, right) => left.id - right.id) }
  },

  async offsets(admin, { topic, partition, at }) {
    const here = listed => listed.find(one => one.partition === partition)
    if (typeof at === 'number') {
      return { offset: Number(here(await admin.fetchTopicOffsetsByTimestamp(topic, at)).offset) }
    }
    const { low, high } = here(await admin.fetchTopicOffsets(topic))
    return { offset: Number({ earliest: low, latest: high }[at]) }
  },
}

// The broker's error is at the end of a chain of causes.
const codeOf = error => (error == null ? null : error.code ?? codeOf(error.cause ?? error.errors?.[0] ?? error.partitions?.[0]?.error))

async function serve(bootstrap) {
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: LIMITED }).admin()
  await admin.connect()
  for await (const request of requests()) {
    try {
      answer({ ok: await operations[request.op](admin, request) })
    } catch (error) {
      const code = codeOf(error)
      answer({ error: Number.isInteger(code) ? code : null, message: String(error) })
    }
  }
  await admin.disconnect()
}

module.exports = { serve }
