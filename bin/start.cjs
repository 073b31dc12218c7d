// Loaded on a Node.js that is new enough: older ones cannot read import().
'use strict';

// Compiled code is kept between runs where that can be written; anywhere else this does nothing.
require('node:module').enableCompileCache();
import('../dist/cli.js').catch(function (cause) {
  process.stderr.write(
    'imagepull: ' + (cause.code === 'ERR_MODULE_NOT_FOUND' ? 'it is not built yet. Run npm run build first.' : cause.stack) + '\n'
  );
  process.exitCode = 1;
});
