#!/usr/bin/env node
// Says what is missing on a Node.js that cannot even read the program. So nothing here may be newer than ECMAScript 5.
'use strict';

var needed = /(\d+)\.(\d+)/.exec(require('../package.json').engines.node);
var running = process.versions.node.split('.');
var major = Number(running[0]) - Number(needed[1]);

if (major > 0 || (major === 0 && Number(running[1]) >= Number(needed[2]))) {
  require('./start.cjs');
} else {
  process.stderr.write(
    'imagepull needs Node.js ' +
      needed[0] +
      ' or later; ' +
      process.execPath +
      ' is ' +
      process.version +
      '.\n' +
      'Install a newer one, as npm install --global node@24 does, or put one that is there first on PATH.\n'
  );
  process.exitCode = 2;
}
