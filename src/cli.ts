#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import type { CaptureOptions } from './cli/capture.ts';
import type { DiagnoseOptions } from './cli/diagnose.ts';
import type { ExplainOptions } from './cli/explain.ts';
import { FORMATS } from './cli/output.ts';
import type { ReplayOptions } from './cli/replay.ts';
import type { ScanOptions } from './cli/scan.ts';
import type { ServeOptions } from './cli/serve.ts';
import { KUBELET_ACCESS } from './cluster/cluster.ts';
import { asCodedError } from './errors.ts';
import { printable } from './report/printable.ts';

/** 0 done, 1 internal error, 2 usage or configuration, 3 target not found, 4 cluster, Redis or Slack unreachable, 5 forbidden. */
const EXIT_CODES: readonly (readonly [RegExp, number])[] = [
  [/^(?:usage|recording|runbook|config)\/|^cluster\/(?:no-kubeconfig|unknown-context)$/, 2],
  [/^target\/not-found$/, 3],
  [/^cluster\/(?:unreachable|unavailable|bad-answer|expired)$|^(?:store|queue|chat)\/unavailable$/, 4],
  [/^cluster\/(?:forbidden|unauthenticated)$/, 5],
];

function program(): Command {
  const imagepull = new Command('imagepull')
    .description('Says why Kubernetes cannot pull an image, how far it reaches, and what to do.')
    .version(version(), '--version', 'print the version')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined });

  const cluster = (command: Command) =>
    command
      .option('--context <name>', 'context of the kubeconfig')
      .option('--kubeconfig <file>', 'kubeconfig file (default: KUBECONFIG, ~/.kube/config, or the service account)');
  const looking = (command: Command) =>
    cluster(command)
      .argument('<pod>', 'NAMESPACE/POD')
      .option('-n, --namespace <name>', 'namespace, if the pod is given without one')
      .option('--no-registry', 'contact no registry')
      .option('--no-secrets', 'read no secret; registries are then asked without credentials only')
      .option('--only <step>', 'run only this step and those it needs')
      .addOption(new Option('--kubelet <access>', 'how to ask the kubelet of the node').choices(KUBELET_ACCESS).default('apiserver-proxy'))
      .option('--kubelet-any-certificate', 'with --kubelet direct: accept certificates that the cluster did not sign')
      .option('--prometheus <url>', 'Prometheus to ask instead of the kubelet, with --kubelet prometheus')
      .option('--allow-loopback', 'connect to registries on loopback addresses of this machine');
  const output = (...formats: string[]) => new Option('-o, --output <format>', 'how to print the result').choices(formats).default('text');

  looking(imagepull.command('diagnose'))
    .description('diagnose one pod')
    .addOption(output(...FORMATS))
    .action(async (pod: string, options: DiagnoseOptions) => (await import('./cli/diagnose.ts')).diagnoseCommand(pod, options));

  cluster(imagepull.command('scan'))
    .description('list every container that cannot pull, grouped by likely root cause')
    .option('-n, --namespace <name>', 'only this namespace')
    .addOption(new Option('-A, --all-namespaces', 'all namespaces (the default)').conflicts('namespace'))
    .addOption(output('text', 'json'))
    .action(async (options: ScanOptions) => (await import('./cli/scan.ts')).scanCommand(options));

  imagepull
    .command('explain')
    .description('explain one error message, or one a line on standard input')
    .argument('[message]', 'what the event, the status or the log says')
    .option('--json', 'print one JSON object a line')
    .action(async (message: string | undefined, options: ExplainOptions) => (await import('./cli/explain.ts')).explain(message, options));

  imagepull
    .command('replay')
    .description('diagnose a recording')
    .argument('<folder>', 'folder with a recording')
    .addOption(output(...FORMATS))
    .action(async (folder: string, options: ReplayOptions) => (await import('./cli/replay.ts')).replayCommand(folder, options));

  looking(imagepull.command('capture'))
    .description('record what cluster, kubelet and registry say about a pod, without secrets, for replay')
    .argument('<folder>', 'new or empty folder')
    .action(async (pod: string, folder: string, options: CaptureOptions) =>
      (await import('./cli/capture.ts')).captureCommand(pod, folder, options),
    );

  imagepull
    .command('serve')
    .description('serve a Slack workspace: slash command, mentions, shortcuts, one thread an incident')
    .option('--config <file>', 'configuration (docs/configuration.md); without it one cluster, found as kubectl finds it')
    .option('--roles <list>', 'gateway (talks to Slack), worker (diagnoses), or both (the default)')
    .option('--clusters <list>', 'names of the clusters to work for; the default is all of the configuration')
    .action(async (options: ServeOptions) => (await import('./cli/serve.ts')).serveCommand(options));

  return imagepull;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}

function fail(cause: unknown): void {
  if (cause instanceof CommanderError) {
    if (cause.exitCode !== 0) process.stderr.write(`imagepull: ${cause.message.replace(/^error: /, '')}. See imagepull --help.\n`);
    process.exitCode = cause.exitCode === 0 ? 0 : 2;
    return;
  }
  const error = asCodedError(cause);
  const known = EXIT_CODES.find(([pattern]) => pattern.test(error.code));
  process.exitCode = known?.[1] ?? 1;
  process.stderr.write(`imagepull: ${printable(error.message)}\n`);
  if (!known && process.env['IMAGEPULL_DEBUG']) process.stderr.write(`${error.cause instanceof Error ? error.cause.stack : error.stack}\n`);
}

// Compiled code is kept between runs where that can be written; anywhere else this does nothing.
enableCompileCache();
await program().parseAsync().catch(fail);
