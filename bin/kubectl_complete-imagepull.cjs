#!/usr/bin/env node
// kubectl runs this to complete `kubectl imagepull …`: the arguments are the words so far.
'use strict';

process.argv.splice(2, 0, '__complete', '--');
require('./imagepull.cjs');
