#!/usr/bin/env node
'use strict'
// Runs the built program on a Node that is new enough: this one, or the one that the project
// carries as a development dependency.
var path = require('path')
var fs = require('fs')
var url = require('url')

var needed = [22, 13]
var version = process.versions.node.split('.').map(Number)
var root = path.join(__dirname, '..')
var entry = path.join(root, 'dist', 'cli', 'main.js')
var carried = path.join(root, 'node_modules', '.bin', 'node')
var signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

function fail(message) {
  console.error('busbar: ' + message)
  process.exit(1)
}

function run() {
  if (!fs.existsSync(entry)) fail(entry + ' is missing; run "npm run build" first')
  // Not import(): old parsers must get as far as the messages below.
  new Function('specifier', 'return import(specifier)')(url.pathToFileURL(entry).href).catch(
    function (error) {
      console.error(error)
      process.exit(1)
    },
  )
}

function runOn(node) {
  var env = Object.assign({}, process.env, { BUSBAR_REEXECUTED: '1' })
  var child = require('child_process').spawn(node, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: env,
  })
  child.on('error', function (error) {
    fail(node + ' cannot be started: ' + error.message)
  })
  signals.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal)
    })
  })
  child.on('exit', function (code, signal) {
    if (!signal) process.exit(code)
    // Ends as the child did; our own handler would only pass it on.
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

if (version[0] > needed[0] || (version[0] === needed[0] && version[1] >= needed[1])) {
  run()
} else if (process.env.BUSBAR_REEXECUTED || !fs.existsSync(carried)) {
  fail('this is Node ' + process.versions.node + '; install ' + needed.join('.') + ' or newer')
} else {
  runOn(carried)
}
