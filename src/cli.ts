#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { failureOf } from './cli/failure.ts';
import { endOnSignals } from './cli/first-process.ts';
import { print } from './cli/output.ts';
import { createProgram } from './cli/program.ts';
import { PROGRAM } from './cli/program-name.ts';

// Compiled code is kept between runs where that can be written; anywhere else this does nothing.
enableCompileCache();
if (process.pid === 1) endOnSignals(process);

async function run(): Promise<void> {
  const help: string[] = [];
  const program = createProgram((text) => help.push(text));
  await program.parseAsync().catch((cause: unknown) => {
    const command = program.commands.find((candidate) => candidate.name() === process.argv[2]);
    end(cause, command ? `${PROGRAM} ${command.name()}` : PROGRAM);
  });
  if (help.length > 0) await print(help.join(''));
}

function end(cause: unknown, asked: string): void {
  const failure = failureOf(cause, PROGRAM, asked);
  process.exitCode = failure.exitCode;
  if (failure.says !== '') process.stderr.write(failure.says);
}

// Whoever closed standard error does not read what goes wrong; the exit code still says it.
process.stderr.on('error', () => {
  process.exitCode ||= 1;
});
await run().catch((cause: unknown) => end(cause, PROGRAM));
