// A member of a group through kafkajs: the verb `group`.
'use strict'

const { AssignerProtocol, Kafka, PartitionAssigners, logLevel } = require('kafkajs')
const { answer, requests } = require('./lines')

const MAX_WAIT_MS = 100

// kafkajs has one assigner, by a name of its own. What it writes is what the others write too, so that under their
// names it can be in a group with them; `range` is written here.
const named = name => toolbox => ({ ...PartitionAssigners.roundRobin(toolbox), name })

// As the other clients do it: the members of each topic in the order of their ids, the first ones with one more.
const range = ({ cluster }) => ({
  ...named('range')({ cluster }),
  async assign({ members }) {
    const subscribers = new Map()
    const assignments = new Map(members.map(({ memberId }) => [memberId, {}]))
    for (const { memberId, memberMetadata } of members) {
      for (const topic of AssignerProtocol.MemberMetadata.decode(memberMetadata).topics) {
        subscribers.set(topic, [...(subscribers.get(topic) ?? []), memberId])
      }
    }
    for (const [topic, ids] of subscribers) {
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
      partitions.sort((a, b) => a - b)
      const least = Math.floor(partitions.length / ids.length)
      const withOneMore = partitions.length % ids.length
      ids.sort().forEach((id, n) => {
        const taken = partitions.splice(0, least + (n < withOneMore ? 1 : 0))
        if (taken.length) assignments.get(id)[topic] = taken
      })
    }
    return [...assignments].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 0, assignment }),
    }))
  },
})

const ASSIGNERS = { range, roundrobin: named('roundrobin') }

const tell = (what, places) => places.length && answer({ [what]: places })

// kafkajs tells only what a member has after each rebalance: what it had before counts as given up.
function watch(consumer) {
  let own = []
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    tell('revoked', own)
    own = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) => numbers.map(n => [topic, n]))
    tell('assigned', own)
  })
}

async function handle(consumer, { topic, partition, messages }) {
  answer({ records: messages.map(({ offset }) => [topic, partition, Number(offset)]) })
  const next = Number(messages[messages.length - 1].offset) + 1
  try {
    await consumer.commitOffsets([{ topic, partition, offset: String(next) }])
  } catch (error) {
    // Thrown on, this would end the consumer when the member was given up. The next heartbeat tells kafkajs the same,
    // and then it joins again, and begins at what was committed.
    answer({ refused: String(error) })
    return
  }
  answer({ committed: [[topic, partition, next]] })
}

async function serve(bootstrap, { patience, logCreator }) {
  const lines = requests()
  const { value: membership } = await lines.next()
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.WARN, logCreator, retry: patience })
  const consumer = kafka.consumer({
    groupId: membership.group,
    sessionTimeout: membership.session_timeout_ms,
    heartbeatInterval: membership.heartbeat_ms,
    ...(membership.assignor && { partitionAssigners: [ASSIGNERS[membership.assignor]] }),
    maxWaitTimeInMs: MAX_WAIT_MS,
    retry: patience,
  })
  watch(consumer)
  await consumer.connect()
  const topics = membership.pattern ? [new RegExp(membership.pattern)] : membership.topics
  await consumer.subscribe({ topics, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => handle(consumer, batch) })
  while (!(await lines.next()).done) continue
  await consumer.disconnect()
}

module.exports = { serve }
