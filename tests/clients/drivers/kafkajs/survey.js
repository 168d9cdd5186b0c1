// Every call of kafkajs' admin client. See survey.py beside this folder.
'use strict'

const {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  Kafka,
  ResourcePatternTypes,
} = require('kafkajs')
const { answer } = require('./lines')

const check = (holds, result) => {
  if (!holds) throw new Error(`this is not what was asked for: ${JSON.stringify(result)}`)
  return result
}

// For each call a function of the same name, in the order in which they are made.
const calls = (admin, scene) => {
  const { group, instance, members, records } = scene
  const created = scene.fresh
  const acl = {
    resourceType: AclResourceTypes.TOPIC,
    resourceName: 't',
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: 'User:ada',
    host: '*',
    operation: AclOperationTypes.READ,
    permissionType: AclPermissionTypes.ALLOW,
  }
  const committed = async wanted => {
    const found = await admin.fetchOffsets({ groupId: group, topics: [records] })
    const { offset } = found[0].partitions.find(({ partition }) => partition === 0)
    return check(offset === wanted, found)
  }
  const resource = { type: ConfigResourceTypes.TOPIC, name: created }
  const retention = async wanted => {
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
    const entry = resources[0].configEntries.find(({ configName }) => configName === 'retention.ms')
    return check(entry.configValue === wanted, entry)
  }
  const listed = async topic => (await admin.listTopics()).includes(topic)

  return {
    async connect() {
      await admin.connect()
    },

    async describeCluster() {
      const found = await admin.describeCluster()
      return check(found.brokers.length === 1 && found.controller === 1 && found.clusterId, found)
    },

    async listTopics() {
      return check(await listed(records), records)
    },

    async createTopics() {
      await admin.createTopics({ topics: [{ topic: created, numPartitions: 1, replicationFactor: 1 }] })
      return check(await listed(created), created)
    },

    async fetchTopicMetadata() {
      const { topics } = await admin.fetchTopicMetadata({ topics: [records] })
      return check(topics[0].partitions.length === 2, topics)
    },

    async createPartitions() {
      await admin.createPartitions({ topicPartitions: [{ topic: created, count: 3 }] })
      const { topics } = await admin.fetchTopicMetadata({ topics: [created] })
      return check(topics[0].partitions.length === 3, topics)
    },

    async alterConfigs() {
      const configEntries = [{ name: 'retention.ms', value: '5000' }]
      await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] })
      return retention('5000')
    },

    async describeConfigs() {
      return retention('5000')
    },

    async fetchTopicOffsets() {
      const found = await admin.fetchTopicOffsets(records)
      return check(found.find(({ partition }) => partition === 0).high === '10', found)
    },

    async fetchTopicOffsetsByTimestamp() {
      const found = await admin.fetchTopicOffsetsByTimestamp(records, scene.timestampOfFour)
      return check(found.find(({ partition }) => partition === 0).offset === '4', found)
    },

    async deleteTopicRecords() {
      await admin.deleteTopicRecords({ topic: records, partitions: [{ partition: 0, offset: '3' }] })
      const found = await admin.fetchTopicOffsets(records)
      return check(found.find(({ partition }) => partition === 0).low === '3', found)
    },

    async alterPartitionReassignments() {
      const partitionAssignment = [{ partition: 0, replicas: [1] }]
      await admin.alterPartitionReassignments({ topics: [{ topic: records, partitionAssignment }] })
    },

    async listPartitionReassignments() {
      const found = await admin.listPartitionReassignments({})
      return check(found.topics.length === 0, found)
    },

    async listGroups() {
      const found = await admin.listGroups()
      return check(found.groups.some(({ groupId }) => groupId === group), found)
    },

    async describeGroups() {
      const found = await admin.describeGroups([members])
      return check(found.groups[0].state === 'Stable' && found.groups[0].members.length === 1, found.groups[0].state)
    },

    async fetchOffsets() {
      return committed('5')
    },

    async setOffsets() {
      await admin.setOffsets({ groupId: group, topic: records, partitions: [{ partition: 0, offset: '7' }] })
      return committed('7')
    },

    async resetOffsets() {
      await admin.resetOffsets({ groupId: group, topic: records, earliest: true })
      // kafkajs commits the special offset, and leaves it to the consumer to make a real one of it.
      return committed('-2')
    },

    async deleteGroups() {
      const found = await admin.deleteGroups([group])
      return check(found[0].errorCode === 0, found)
    },

    async createAcls() {
      await admin.createAcls({ acl: [acl] })
    },

    async describeAcls() {
      return admin.describeAcls(acl)
    },

    async deleteAcls() {
      return admin.deleteAcls({ filters: [acl] })
    },

    async deleteTopics() {
      await admin.deleteTopics({ topics: [created] })
      return check(!(await listed(created)), created)
    },

    async logger() {
      return check(typeof admin.logger().info === 'function', 'a logger')
    },

    async on() {
      return check(typeof admin.on(admin.events.DISCONNECT, () => {}) === 'function', 'a listener')
    },

    async disconnect() {
      await admin.disconnect()
    },
  }
}

const errorOf = error => error.type ?? error.cause?.type ?? error.originalError?.type ?? error.name ?? null

async function serve(bootstrap, { name, logCreator }) {
  const admin = new Kafka({ brokers: [bootstrap], retry: { retries: 2 }, logCreator }).admin()
  answer({ offers: Object.keys(admin).filter(key => typeof admin[key] === 'function') })
  const scene = {
    group: `${name}-group`,
    instance: `${name}-instance`,
    members: `${name}-members`,
    records: `${name}-records`,
    fresh: `${name}-new`,
    timestampOfFour: 1_700_000_000_004,
  }
  for (const [call, make] of Object.entries(calls(admin, scene))) {
    try {
      answer({ call, ok: JSON.stringify((await make()) ?? null).slice(0, 200) })
    } catch (error) {
      answer({ call, error: errorOf(error), message: String(error) })
    }
  }
}

module.exports = { serve }
