// The lines that every driver speaks; protocol.py beside this folder describes them.
'use strict'

const readline = require('node:readline')

const lines = () => readline.createInterface({ input: process.stdin, crlfDelay: Infinity })

// Every line of the input, parsed, as it comes.
async function* requests() {
  for await (const line of lines()) yield JSON.parse(line)
}

const bare = text => (text == null ? null : Buffer.from(text, 'base64'))
const armour = content => (content == null ? null : Buffer.from(content).toString('base64'))
const answer = line => process.stdout.write(JSON.stringify(line) + '\n')

// kafkajs holds headers as an object, in which a name that comes twice has an array.
const packHeaders = pairs => {
  const packed = {}
  for (const [name, content] of pairs ?? []) {
    packed[name] = name in packed ? [].concat(packed[name], [bare(content)]) : bare(content)
  }
  return packed
}

const unpackHeaders = packed =>
  Object.entries(packed).flatMap(([name, contents]) =>
    (Array.isArray(contents) ? contents : [contents]).map(content => [name, armour(content)])
  )

module.exports = { requests, bare, armour, answer, packHeaders, unpackHeaders }
