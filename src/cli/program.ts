import { Argument, Command, CommanderError, Option } from 'commander';
import { KUBELET_ACCESS } from '../cluster/cluster.ts';
import { CodedError } from '../errors.ts';
import { installedFile, installedVersion } from '../installed.ts';
import type { NodeOptions } from '../node/task.ts';
import { NODE_TASKS } from '../node/task.ts';
import { MARK_MEANINGS } from '../report/legend.ts';
import type { AuditOptions, AuditTask } from './commands/audit.ts';
import type { CaptureOptions } from './commands/capture.ts';
import type { ConfigTask } from './commands/config.ts';
import type { CorrectionsCommandOptions, CorrectionsTask } from './commands/corrections.ts';
import type { DiagnoseOptions } from './commands/diagnose.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { ExplainOptions } from './commands/explain.ts';
import type { PolicyOptions, PolicyTask } from './commands/policy.ts';
import type { RedisOptions, RedisTask } from './commands/redis.ts';
import type { ReplayOptions } from './commands/replay.ts';
import type { ScanOptions } from './commands/scan.ts';
import type { ServeOptions } from './commands/serve.ts';
import type { SlackOptions, SlackTask } from './commands/slack.ts';
import { another, checkKubeletOptions, type LookOptions, parseDay, parseSpan, parseTimeout, SHELLS, type Shell } from './options.ts';
import { FORMATS, print } from './output.ts';
import { PROGRAM } from './program-name.ts';

/** All commands. Help and version go to `write`. */
export function createProgram(write: (text: string) => void): Command {
  const imagepull = new Command(PROGRAM)
    .description('Says why Kubernetes cannot pull an image, how far it reaches, and what to do.')
    .version(installedVersion(), '--version', 'print the version')
    .helpCommand(false)
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: write, outputError: () => undefined });
  addDiagnose(imagepull);
  addScan(imagepull);
  addExplain(imagepull);
  addRecording(imagepull);
  addServe(imagepull);
  addDoctor(imagepull);
  addConfig(imagepull);
  addPolicy(imagepull);
  addAudit(imagepull);
  addSlack(imagepull);
  addRedis(imagepull);
  addCorrections(imagepull);
  addNode(imagepull);
  addAbout(imagepull);
  return imagepull;
}

const output = (...formats: string[]) => new Option('-o, --output <format>', 'how to print the result').choices(formats).default('text');

/** The options by which kubectl finds and asks a cluster, under the same names. */
function asksCluster(command: Command): Command {
  return command
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig file (default: KUBECONFIG, ~/.kube/config, or the service account)')
    .option('--as <user>', 'user to ask the API server as')
    .option('--as-group <group>', 'group to ask the API server as, with --as; may be given several times', another)
    .addOption(
      new Option('--request-timeout <time>', 'longest wait for one answer of the API server (default: 10s)').argParser(parseTimeout),
    );
}

/** The options that say how far a diagnosis may look around. */
function looks(command: Command): Command {
  return asksCluster(command)
    .option('-n, --namespace <name>', "namespace (default: that of the kubeconfig's context)")
    .option('--no-registry', 'contact no registry')
    .option('--no-secrets', 'read no secret; registries are then asked anonymously only')
    .option('--only <step>', 'run only this step and those it needs')
    .addOption(new Option('--kubelet <access>', 'how to ask the kubelet of the node').choices(KUBELET_ACCESS).default('apiserver-proxy'))
    .option('--kubelet-any-certificate', 'with --kubelet direct: accept certificates that the cluster did not sign')
    .addOption(new Option('--prometheus <url>', 'Prometheus to ask instead of the kubelet').implies({ kubelet: 'prometheus' }))
    .option('--allow-loopback', 'connect to registries on loopback addresses of this machine')
    .option(
      '--allow-private <host>',
      'connect also to this host, host:port or network though no image names it; may be given several times',
      another,
    )
    .option('--token-server <registry=host>', "send the registry's logins to this token server; may be given several times", another)
    .hook('preAction', (_, command) => checkKubeletOptions(command.opts<LookOptions>()));
}

const WHAT = 'POD, NAMESPACE/POD or KIND/NAME: deploy, sts, ds, rs, rc, job, cronjob, pod';

function addDiagnose(imagepull: Command): void {
  looks(imagepull.command('diagnose'))
    .description('diagnose a pod, or the failing pod of a workload')
    .argument('[what]', WHAT)
    .option('-l, --selector <labels>', 'diagnose the failing pods with these labels: one for each workload and image, at most five')
    .option('--node-probe', "look from the pod's node as well, by a pod that is root there for a minute at most; asks first")
    .option('--node-image <image>', 'with --node-probe: an image of imagepull that the node can have')
    .option('--node-namespace <name>', 'with --node-probe: where to make that pod; its Pod Security level is privileged', 'imagepull-node')
    .option('--yes', 'with --node-probe: do not ask')
    .addOption(output(...FORMATS))
    .addHelpText('after', () => diagnoseHelp())
    .action(async (what: string | undefined, options: DiagnoseOptions) =>
      (await import('./commands/diagnose.ts')).diagnoseCommand(what, options),
    );
}

function diagnoseHelp(): string {
  return `
A known kind before the slash is a kind. For a namespace that is called like one, write -n: ${PROGRAM} diagnose -n deploy web-0

Marks in the report:
${MARK_MEANINGS.map(([mark, means]) => `  ${mark}  ${means}`).join('\n')}

Examples:
  ${PROGRAM} diagnose web-0
  ${PROGRAM} diagnose shop/web-0 -o markdown
  ${PROGRAM} diagnose -n shop deploy/web
  ${PROGRAM} diagnose -n shop -l app=web`;
}

function addScan(imagepull: Command): void {
  asksCluster(imagepull.command('scan'))
    .description('list every container that cannot pull, grouped by likely root cause')
    .option('-n, --namespace <name>', 'only this namespace')
    .addOption(new Option('-A, --all-namespaces', 'all namespaces (the default)').conflicts('namespace'))
    .addOption(output('text', 'json'))
    .action(async (options: ScanOptions) => (await import('./commands/scan.ts')).scanCommand(options));
}

function addExplain(imagepull: Command): void {
  imagepull
    .command('explain')
    .description('explain one error message, or one a line on standard input')
    .argument('[message]', 'what the event, the status or the log says')
    .addOption(new Option('--cause <name>', 'print the page on a cause that a diagnosis named').conflicts(['json', 'output']))
    .addOption(output('text', 'json'))
    .addOption(new Option('--json', 'print one short JSON object a line').conflicts('output'))
    .action(async (message: string | undefined, options: ExplainOptions) =>
      (await import('./commands/explain.ts')).explain(message, options),
    );
}

function addRecording(imagepull: Command): void {
  imagepull
    .command('replay')
    .description('diagnose a recording')
    .argument('<folder>', 'folder with a recording, or with pod.json and events.json from kubectl get -o json')
    .option('--pod <name>', 'which pod, where pod.json is a list of several')
    .addOption(output(...FORMATS))
    .action(async (folder: string, options: ReplayOptions) => (await import('./commands/replay.ts')).replayCommand(folder, options));

  looks(imagepull.command('capture'))
    .description('record what cluster, kubelet and registry say about a pod, without secrets, for replay')
    .argument('<what>', WHAT)
    .argument('<folder>', 'new or empty folder')
    .action(async (what: string, folder: string, options: CaptureOptions) =>
      (await import('./commands/capture.ts')).captureCommand(what, folder, options),
    );
}

function addServe(imagepull: Command): void {
  imagepull
    .command('serve')
    .description('serve a Slack workspace: slash command, mentions, shortcuts, one thread an incident')
    .option('--config <file>', 'configuration (docs/configuration.md); without it one cluster, found as kubectl finds it')
    .option('--roles <list>', 'gateway (talks to Slack), worker (diagnoses), or both (the default)')
    .option('--clusters <list>', 'names of the clusters to work for; the default is all of the configuration')
    .action(async (options: ServeOptions) => (await import('./commands/serve.ts')).serveCommand(options));
}

function addDoctor(imagepull: Command): void {
  imagepull
    .command('doctor')
    .description(
      'look whether everything is there that serve rests on: Slack, Redis, rights in clusters, kubelets, registries, other replicas',
    )
    .option('--config <file>', 'configuration of serve (docs/configuration.md)')
    .option('--roles <list>', 'as for serve: what the process would be')
    .option('--clusters <list>', 'as for serve: the clusters that it would work for')
    .option('--wait <time>', 'look again until nothing is broken, for so long at most: 90s or 5m')
    .addOption(output('text', 'json'))
    .action(async (options: DoctorOptions) => (await import('./commands/doctor.ts')).doctorCommand(options));
}

function addConfig(imagepull: Command): void {
  imagepull
    .command('config')
    .description('show the configuration of serve with its defaults and without what is secret, or check a file')
    .addArgument(new Argument('<task>', 'what to do').choices(['show', 'check']))
    .argument('[file]', 'configuration (docs/configuration.md); show without it: the defaults')
    .addHelpText('after', `\nExit code of check: 0 for a file that serve would take, 2 for another one.`)
    .action(async (task: ConfigTask, file: string | undefined) => (await import('./commands/config.ts')).configCommand(task, file));
}

function addPolicy(imagepull: Command): void {
  imagepull
    .command('policy')
    .description('say who may approve a plan and why, or check an approval policy against a table of expectations')
    .addArgument(new Argument('<task>', 'explain a plan, or test a table').choices(['explain', 'test']))
    .argument('<file>', 'a plan (JSON or YAML), or a table of expectations (YAML)')
    .option('--policy <file>', 'the policy (docs/approvals.md); without it the one that comes with the program, by which nobody may')
    .option('--bot-namespace <name>', 'the namespace that the bot runs in, where nothing is ever changed')
    .addHelpText('after', `\nExit code of test: 0 where every expectation is met, 1 where one is not.`)
    .action(async (task: PolicyTask, file: string, options: PolicyOptions) =>
      (await import('./commands/policy.ts')).policyCommand(task, file, options),
    );
}

function addAudit(imagepull: Command): void {
  imagepull
    .command('audit')
    .description(
      'show what people decided and what was done to clusters, verify that nothing of it is missing or changed, erase a name, or cut off what is old',
    )
    .addArgument(new Argument('[task]', 'what to do').choices(['list', 'verify', 'erase', 'cut']).default('list'))
    .option('--cluster <name>', 'only this cluster')
    .addOption(new Option('--since <time>', 'list: how far back (default: 7d, or everything of a plan)').argParser(parseSpan))
    .option('--plan <id>', 'list: only this plan')
    .addOption(new Option('-o, --output <format>', 'list: how to print it (default: table)').choices(['table', 'jsonl']))
    .option('--key <file>', 'verify, cut: public key in PEM of a process that writes entries; may be given several times', another)
    .option(
      '--head <head>',
      'verify, cut: SEQUENCE:HASH, or a file with lines of the log, - for standard input; may be given several times',
      another,
    )
    .option('--person <id>', 'erase: whose names and reasons, as T0123456789/U0123456789')
    .addOption(new Option('--before <day>', 'cut: what is older goes; a day such as 2026-01-31, at least 30 days ago').argParser(parseDay))
    .option('--signing-key <file>', 'cut: private key in PEM of whoever answers for it')
    .option('--yes', 'erase, cut: really do it')
    .option('--config <file>', 'configuration (docs/configuration.md); needs REDIS_URL as serve does')
    .addHelpText('after', `\nExit code of verify and cut: 0 where the chain is whole, 1 where an entry is missing or changed.`)
    .action(async (task: AuditTask, options: AuditOptions) => (await import('./commands/audit.ts')).auditCommand(task, options));
}

function addCorrections(imagepull: Command): void {
  imagepull
    .command('corrections')
    .description('list the verdicts that people said are wrong, or write the recording of one to a folder, for replay')
    .addArgument(new Argument('<task>', 'list all, or export one').choices(['list', 'export']))
    .argument('[id]', 'which, as the list names it')
    .argument('[folder]', 'new or empty folder')
    .option('--config <file>', 'configuration (docs/configuration.md); needs REDIS_URL as serve does')
    .action(async (task: CorrectionsTask, id: string | undefined, folder: string | undefined, options: CorrectionsCommandOptions) =>
      (await import('./commands/corrections.ts')).correctionsCommand(task, { id, folder }, options),
    );
}

function addNode(imagepull: Command): void {
  imagepull
    .command('node')
    .description('on a node itself, as root: probe what a pull needs, try one, list and remove images; prints JSON')
    .addArgument(new Argument('<task>', 'what to do').choices(NODE_TASKS))
    .argument('[image]', 'probe, pull: the image')
    .option('--socket <path>', "the runtime's socket, also as unix://…; without it the usual ones are tried")
    .option('--host-root <folder>', "where the node's own files are mounted (default: /)")
    .option('--deadline <seconds>', 'probe, pull: how long it may take')
    .option('--allow-loopback', 'probe, pull: the registry may have a loopback address')
    .option('--login <file>', 'pull: JSON file with username and password, or identityToken; - for standard input')
    .option('--keep', 'pull: leave the image there')
    .option('--plan <file>', 'prune: JSON file that names what may be removed (docs/node.md)')
    .addHelpText('after', `\nWho may open the runtime's socket is root on the node.`)
    .action(async (task: string, image: string | undefined, options: NodeOptions) =>
      (await import('./commands/node.ts')).nodeCommand(task, image, options),
    );
}

function addSlack(imagepull: Command): void {
  imagepull
    .command('slack')
    .description('print the manifest of the Slack app, with exactly the scopes that a configuration needs and why')
    .addArgument(new Argument('<task>', 'what to print').choices(['manifest']))
    .option('--config <file>', 'configuration (docs/configuration.md); REDIS_URL counts as it does for serve')
    .option('--url <address>', 'with slack.mode http: where Slack reaches the service, such as https://imagepull.example')
    .addOption(new Option('-o, --output <format>', 'how to print it; only YAML says why').choices(['yaml', 'json']).default('yaml'))
    .action(async (task: SlackTask, options: SlackOptions) => (await import('./commands/slack.ts')).slackCommand(task, options));
}

function addRedis(imagepull: Command): void {
  imagepull
    .command('redis')
    .description('print a user of Redis for each role and cluster, with no more rights than it needs (docs/security.md)')
    .addArgument(new Argument('<task>', 'what to print').choices(['acl']))
    .option('--config <file>', 'configuration (docs/configuration.md)')
    .option('--roles <list>', 'only these of gateway, worker, executor and operator, who runs audit and corrections')
    .option('--clusters <list>', 'workers and executors of these clusters only')
    .option('--user <name>', 'one user of this name for a process that does all that is chosen')
    .addOption(
      new Option('-o, --output <format>', 'commands for redis-cli, or lines of an ACL file')
        .choices(['commands', 'aclfile'])
        .default('commands'),
    )
    .addHelpText('after', `\nNeeds Redis 7.0 or Valkey. Put the SHA-256 of a password, in hexadecimal, into each line.`)
    .action(async (task: RedisTask, options: RedisOptions) => (await import('./commands/redis.ts')).redisCommand(task, options));
}

function addAbout(imagepull: Command): void {
  imagepull
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      `\nbash:  source <(${PROGRAM} completion bash)\nzsh:   source <(${PROGRAM} completion zsh)\nfish:  ${PROGRAM} completion fish | source`,
    )
    .action((shell: Shell) => print(completionScript(shell)));
  imagepull
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[]) => (await import('./completion/complete.ts')).completeCommand(imagepull, words));
  imagepull
    .command('help')
    .description('show help for a command')
    .argument('[command]')
    .action((command: string | undefined) => showHelp(imagepull, command));
  imagepull
    .command('version')
    .description('print the version')
    .action(() => print(`${installedVersion()}\n`));
}

/** The script by which a shell asks `__complete` for what fits. */
function completionScript(shell: Shell): string {
  const script = installedFile(`completions/imagepull.${shell}`);
  if (script === undefined)
    throw new CodedError('installation/incomplete', `This installation lacks completions/imagepull.${shell}. Install it again.`);
  return script;
}

function showHelp(imagepull: Command, command: string | undefined): void {
  const found = command === undefined ? imagepull : imagepull.commands.find((candidate) => candidate.name() === command);
  if (!found) throw new CommanderError(2, 'imagepull.unknownCommand', `unknown command '${command}'`);
  found.outputHelp();
}
