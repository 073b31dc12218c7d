#!/usr/bin/env node
import { readArguments } from './node/arguments.ts';
import { runTask } from './node/run.ts';

// `imagepull node …` as a program of its own, small enough to start anywhere at once: what a pod on a node runs.
const { output, says, exitCode } = await runTask(() => readArguments(process.argv.slice(2)));
process.stderr.write(says);
process.stdout.write(output);
process.exitCode = exitCode;
