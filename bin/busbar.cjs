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

if (version[0] > needed[0] || (version[0] === needed[0] && version[1] >= needed[1])) {
  if (!fs.existsSync(entry)) {
    console.error('busbar: ' + entry + ' is missing; run "npm run build" first')
    process.exit(1)
  }
  // Not import(): old parsers must get as far as the message below.
  new Function('specifier', 'return import(specifier)')(url.pathToFileURL(entry).href).catch(
    function (error) {
      console.error(error)
      process.exit(1)
    },
  )
} else {
  var carried = path.join(root, 'node_modules', '.bin', 'node')
  if (!fs.existsSync(carried) || process.env.BUSBAR_REEXECUTED) {
    console.error(
      'busbar needs Node ' + needed.join('.') + ' or newer; this is ' + process.versions.node,
    )
    process.exit(1)
  }
  var env = Object.assign({}, process.env, { BUSBAR_REEXECUTED: '1' })
  var child = require('child_process').spawn(carried, [__filename].concat(process.argv.slice(2)), {
    stdio: 'inherit',
    env: env,
  })
  ;['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal)
    })
  })
  child.on('exit', function (code, signal) {
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}
