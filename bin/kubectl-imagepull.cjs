#!/usr/bin/env node
// kubectl runs this for `kubectl imagepull`. The program sees by its name how it was called.
'use strict';

require('./imagepull.cjs');
