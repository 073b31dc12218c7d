import { z } from 'zod';
import { AlertSource } from '../../alerts/source.ts';
import { KUBELET_ACCESS } from '../../cluster/cluster.ts';
import { isListEntry, isRange } from '../../network/host-list.ts';
import { DAYS } from '../../routing/quiet-hours.ts';

/** Such a URL is opened by people or asked by the service. */
const WebUrl = z.url({ protocol: /^https?$/, error: 'is not a URL that begins with http:// or https://' });

/** Cookies and redirects are for paths of this server alone. */
function isOrigin(url: string): boolean {
  const parsed = URL.parse(url);
  // What is no address at all is told as that.
  if (parsed === null) return true;
  const { pathname, search, hash, username, password } = parsed;
  return pathname === '/' && [search, hash, username, password].every((part) => part === '');
}

const Name = z.string().min(1).max(100);
const Path = z.string().min(1).max(4096);
const Namespaces = z.array(z.string().regex(/^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/, 'is not a namespace or a pattern with *')).max(1000);

const Channel = z.string().regex(/^[CGD][A-Z0-9]{2,20}$/, 'is not the id of a channel, like C0123456789');

const AccessRule = z.strictObject({
  clusters: z.array(Name).min(1).max(100).default(['*']).describe('These clusters; `*` stands for any characters.'),
  namespaces: Namespaces.min(1).default(['*']).describe('These namespaces; `*` stands for any characters.'),
  channels: z
    .array(Channel)
    .min(1)
    .max(1000)
    .optional()
    .describe('In these channels, by id. Such a rule shows nothing in App Home, which is in no channel. Left out: in any.'),
  groups: z
    .array(z.string().regex(/^S[A-Z0-9]{2,20}$/, 'is not the id of a user group, like S0123456789'))
    .min(1)
    .max(100)
    .optional()
    .describe('Members of one of these user groups, by id. Left out: anybody who may start something.'),
});

/** Nobody else may be called by this bot, least of all everybody. */
const Mentions = z
  .array(z.string().regex(/^[USW][A-Z0-9]{2,20}$/, 'is not the id of a person or a user group, like U0123456789 or S0123456789'))
  .max(10)
  .default([]);

const TimeOfDay = z.string().regex(/^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, 'is not a time of day like 07:00');

const QuietHoursConfig = z
  .strictObject({
    from: TimeOfDay.describe('When they begin, `22:00`.'),
    to: TimeOfDay.describe('When they end, perhaps on the next day, `07:00`.'),
    timeZone: z
      .string()
      .max(60)
      .refine(isTimeZone, 'is not a time zone like Europe/Berlin')
      .describe('The time zone of both, `Europe/Berlin`.'),
    days: z.array(z.enum(DAYS)).min(1).optional().describe('The days on which they begin. Left out: all.'),
  })
  .refine(({ from, to }) => from !== to && from !== '24:00', 'begin when they end')
  .refine(
    ({ days, ...times }) => !(times.from === '00:00' && times.to === '24:00' && new Set(days ?? DAYS).size === DAYS.length),
    'never end',
  );

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}

const ChannelRoute = z.strictObject({
  clusters: z.array(Name).min(1).max(100).default(['*']).describe('Incidents in these clusters; `*` stands for any characters.'),
  namespaces: Namespaces.min(1).default(['*']).describe('In these namespaces; `*` stands for any characters.'),
  labels: z
    .record(z.string().min(1).max(317), z.string().max(63))
    .default({})
    .describe('Labels of the pod, all of which have to have these values.'),
  channel: Channel.describe('Where they are told, by id.'),
  mention: Mentions.describe('People (`U…`) and user groups (`S…`) whom the first card there mentions.'),
  quietHours: z
    .union([z.literal('off'), QuietHoursConfig])
    .optional()
    .describe('Quiet hours of this route, or `off`. Left out: those of `channels.quietHours`.'),
});

const ClusterConfig = z.strictObject({
  name: Name.describe('What people write: `/imagepull diagnose shop/web-0 in prod`.'),
  context: Name.optional().describe('Context of the kubeconfig. Left out: the current one, or the service account inside a pod.'),
  kubeconfig: z.string().optional().describe('File. Left out: found as kubectl finds it.'),
  kubelet: z.enum(KUBELET_ACCESS).default('direct').describe('How the kubelet of a node is asked ([README](../README.md#what-it-asks)).'),
  prometheus: WebUrl.optional().describe('Address of a Prometheus that scrapes kubelets, for `kubelet: prometheus`.'),
  kubeletAnyCertificate: z.boolean().default(false).describe('With `kubelet: direct`: accept certificates that the cluster did not sign.'),
  registry: z.boolean().default(true).describe('`false`: no registry is contacted.'),
  secrets: z.boolean().default(true).describe('`false`: no secret is read; registries are then asked anonymously.'),
  allowLoopback: z.boolean().default(false).describe('Connect to registries on loopback addresses of the worker.'),
  executor: z
    .strictObject({
      context: Name.optional().describe('Context of the kubeconfig, as for the cluster.'),
      kubeconfig: z.string().optional().describe('File, as for the cluster.'),
      namespace: z
        .string()
        .min(1)
        .max(63)
        .optional()
        .describe('Where the ConfigMap `imagepull-freeze` is. Left out: the namespace of these credentials.'),
      namespaces: Namespaces.min(1)
        .optional()
        .describe(
          'Namespaces in which something may be changed, and in which roles are needed; `*` stands for any characters. Left out: all.',
        ),
      nodes: z.boolean().default(true).describe('`false`: no node is cordoned or uncordoned, so its roles need not allow that.'),
      approver: z
        .enum(['off', 'review', 'impersonate'])
        .default('off')
        .describe('`review`: the cluster is asked whether whoever approved may do it. `impersonate`: it is done in their name, too.'),
    })
    .optional()
    .describe('The credentials by which approved remedies are carried out. Left out: none is on this cluster.'),
  nodeTasks: z
    .strictObject({
      mode: z
        .enum(['off', 'approve', 'auto'])
        .default('approve')
        .describe(
          '`approve`: each look from a node is a plan that somebody approves. `auto`: a probe, which pulls nothing, needs no approval.',
        ),
      image: z
        .string()
        .max(1000)
        .regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/, 'is not an image by its digest, like registry.example/imagepull@sha256:…')
        .describe("The program's own image by its digest, as the nodes can have it."),
      namespace: z.string().min(1).max(63).default('imagepull-node').describe('Where the pods of tasks are made, and nothing else is.'),
      nodes: z
        .array(z.string().regex(/^[a-z0-9.*-]{1,253}$/, 'is not a node or a pattern with *'))
        .min(1)
        .max(1000)
        .default(['*'])
        .describe('Nodes that tasks may run on; `*` stands for any characters.'),
      controlPlane: z.boolean().default(false).describe('`true`: on nodes of the control plane, too.'),
      seLinuxType: z
        .string()
        .regex(/^[a-z0-9_]{1,64}$/, 'is not an SELinux type, like spc_t')
        .optional()
        .describe('For nodes where SELinux confines containers: `spc_t`, or a type of your own that may use the socket.'),
      keep: z
        .array(z.string().min(1).max(512))
        .max(200)
        .default([])
        .describe('Images that are never pruned; `*` stands for any characters.'),
      minimumAgeMs: z.int().min(0).max(31_536_000_000).default(3_600_000).describe('What is on a node for less long is not pruned, ms.'),
    })
    .optional()
    .describe('What the executor may run on the nodes; see docs/node.md. Left out: nothing.'),
  namespaces: z
    .strictObject({
      allow: Namespaces.optional().describe('`*` stands for any characters. Left out: all.'),
      deny: Namespaces.default([]).describe('Counts before `allow`, and before all rules of access.'),
    })
    .default({ deny: [] })
    .describe('Namespaces that people may ask about.'),
});

const UserId = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'is not the id of a person, like U0123456789');
const ClusterUserName = z.string().min(1).max(256);

const RemediesConfig = z.strictObject({
  policy: z
    .string()
    .min(1)
    .optional()
    .describe('File that says who may approve what ([approvals.md](approvals.md)). Left out: nothing is ever changed.'),
  perHour: z.int().min(1).max(1000).default(10).describe('Remedies that are carried out on a cluster within an hour, at most.'),
  signingKey: Path.optional().describe('File with the Ed25519 private key of this process (PEM). Needed with Redis.'),
  gatewayKeys: z
    .array(Path)
    .min(1)
    .max(20)
    .optional()
    .describe('Files with the public keys of gateways, whose wishes, decisions and grants are trusted. Left out: this process alone.'),
  executorKeys: z
    .array(Path)
    .min(1)
    .max(20)
    .optional()
    .describe('Files with the public keys of executors, whose plans are trusted. Left out: this process alone.'),
  overHttp: z
    .boolean()
    .default(false)
    .describe('With `slack.mode: http`: whether people decide, though who acts is known by the signing secret alone.'),
  identities: z
    .strictObject({
      users: z.record(UserId, ClusterUserName).default({}).describe("The cluster's user of a person, by their id in Slack."),
      groups: z
        .record(ClusterUserName, z.array(ClusterUserName).max(100))
        .default({})
        .describe("Groups that the review of rights and the action carry, by the cluster's user."),
      byEmail: z
        .boolean()
        .default(false)
        .describe('Whether the e-mail address of a profile is the name in the cluster where no id is listed.'),
    })
    .prefault({})
    .describe('Who is whom in the cluster.'),
});

const Network = z.string().refine(isRange, 'is not a network such as 10.0.0.0/8');
const Host = z.string().max(300).refine(isListEntry, 'is not a host, host:port or network such as minio.corp.example:9000 or 10.0.0.0/8');
/** A host or host:port, no range. */
const Server = Host.refine((entry) => !/[/*]/.test(entry), 'is not a host or host:port');

/** See docs/decisions/0017. */
const RegistriesConfig = z.strictObject({
  privateNetworks: z
    .array(Network)
    .max(1000)
    .optional()
    .describe("Networks in which an image's own registry may have a private address. Left out: any. `[]`: none."),
  allowPrivate: z
    .array(Host)
    .max(1000)
    .default([])
    .describe('Servers that may be asked at private addresses though no image names them: blob stores, token servers, mirrors.'),
  tokenServers: z
    .record(Server, z.union([Server.transform((server) => [server]), z.array(Server).max(100)]))
    .default({})
    .describe("For a registry the token servers, one or a list, that may be sent the registry's logins."),
});

const AlertChannelConfig = z.strictObject({
  channel: Channel.describe('The channel, by id.'),
  apps: z
    .array(z.string().regex(/^A[A-Z0-9]{2,20}$/, 'is not the id of an app, like A0123456789'))
    .min(1)
    .max(20)
    .describe('Apps whose messages there are alerts, by id. All others are dropped unread.'),
  cluster: Name.optional().describe('The cluster that they are about. Left out: the first.'),
  namespaces: Namespaces.min(1).optional().describe('Namespaces that they may be about. Left out: all.'),
});

/** The Lease by which one of several workers watches a cluster. */
export const LeaseConfig = z.strictObject({
  namespace: z.string().min(1).max(63).optional().describe("Its namespace. Left out: the bot's own."),
  name: z.string().min(1).max(253).default('imagepull-watch').describe('Its name.'),
});

/** The whole file. Everything has a default. What is said of each setting here is what docs/configuration.md says. */
export const FileConfig = z.strictObject({
  clusters: z
    .array(ClusterConfig)
    .min(1)
    .max(100)
    .default([ClusterConfig.parse({ name: 'default' })])
    .describe('The clusters that are served. The first is the one meant where nobody names one.'),
  registries: RegistriesConfig.prefault({}).describe('Which servers may be asked besides public ones.'),
  slack: z
    .strictObject({
      mode: z
        .enum(['socket', 'http'])
        .default('socket')
        .describe('`socket` needs no address that Slack can reach; `http` listens on `http.port` for signed requests.'),
      apiUrl: WebUrl.default('https://slack.com/api/').describe("Base address of Slack's Web API, for a stand-in or a proxy."),
      docsUrl: WebUrl.transform((url) => url.replace(/\/+$/, ''))
        .optional()
        .describe('Where docs/causes can be read; cards link to CAUSE.md there. Left out: no link.'),
      alertChannels: z.array(AlertChannelConfig).max(100).default([]).describe('Channels in which messages of other apps are alerts.'),
    })
    .prefault({})
    .describe('How Slack is reached.'),
  channels: z
    .strictObject({
      default: Channel.optional().describe(
        'Where incidents are told that nobody asked for and that no route fits, by id. Left out: nowhere.',
      ),
      mention: Mentions.describe('People (`U…`) and user groups (`S…`) whom the first card there mentions.'),
      quietHours: QuietHoursConfig.optional().describe('When nothing is told that nobody asked for.'),
      routes: z
        .array(ChannelRoute)
        .max(1000)
        .default([])
        .describe('The first that fits chooses the channel. What it leaves out fits anything.'),
    })
    .refine((channels) => channels.default !== undefined || channels.routes.length === 0, {
      error: 'has routes and no default, the channel for what none of them fits',
    })
    .prefault({})
    .describe('Where is told what nobody asked for.'),
  watch: z
    .strictObject({
      enabled: z.boolean().default(true).describe('`false`: nobody watches.'),
      announceAfterMs: z.int().min(0).max(3_600_000).default(20_000).describe('What fails for less long is forgiven, ms.'),
      sweepMs: z
        .int()
        .min(5_000)
        .max(3_600_000)
        .default(180_000)
        .describe('How often all pods are looked at, for what events did not say, ms.'),
      readsPerMinute: z
        .int()
        .min(1)
        .max(100_000)
        .default(600)
        .describe('Requests for pods within a minute, of each cluster, besides that.'),
      optIn: z
        .boolean()
        .default(false)
        .describe('`true`: only pods and namespaces are told by themselves whose label or annotation `imagepull.dev/watch` is true.'),
      lease: z
        .union([z.literal('off'), LeaseConfig])
        .optional()
        .describe(
          "The Lease by which one of several workers watches a cluster. Left out: one in the bot's own namespace with Redis, none without.",
        ),
    })
    .prefault({})
    .describe('How clusters are watched ([watch.md](watch.md)); only where `channels.default` says whom to tell.'),
  incidents: z
    .strictObject({
      openPerNamespace: z
        .int()
        .min(1)
        .max(1000)
        .default(5)
        .describe('Incidents of one namespace that are open at the same time; the rest is counted in one more.'),
      perHour: z.int().min(1).max(1000).default(10).describe('Incidents of one namespace that are opened within an hour.'),
      runsAtOnce: z.int().min(1).max(1000).default(10).describe('Runs of one cluster at the same time.'),
    })
    .prefault({})
    .describe('How much may begin that nobody asked for.'),
  alerts: z
    .strictObject({
      sources: z.array(AlertSource).max(100).default([]).describe('Who may send alerts.'),
    })
    .prefault({})
    .describe('Alerts by webhook ([alerts.md](alerts.md)).'),
  http: z
    .strictObject({
      host: z.string().min(1).max(255).default('0.0.0.0').describe('Address that is listened on; `127.0.0.1` for this machine alone.'),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(3000)
        .describe("For Slack's requests, alerts and pages of incidents; opened only if the configuration asks for one of them."),
      publicUrl: WebUrl.refine(isOrigin, 'is not an address without a path, like https://imagepull.example')
        .transform((url) => new URL(url).origin)
        .optional()
        .describe(
          'By which address browsers reach `http.port`, without a path. Left out: incidents have no pages ([incident-page.md](incident-page.md)).',
        ),
      privatePort: z
        .int()
        .min(0)
        .max(65_535)
        .default(9464)
        .describe('For Kubernetes and Prometheus: /healthz, /readyz and /metrics, in every role ([metrics.md](metrics.md)).'),
    })
    .prefault({})
    .describe('The ports of the service.'),
  access: z
    .strictObject({
      rules: z
        .array(AccessRule)
        .min(1)
        .max(1000)
        .optional()
        .describe(
          "Somebody may ask where one of them fits in all its parts. Left out: members of the bot's own workspace, in channels that it was invited to.",
        ),
    })
    .prefault({})
    .describe('Who may ask about what.'),
  remedies: RemediesConfig.prefault({}).describe('What may be changed ([approvals.md](approvals.md)), and how it is known who said so.'),
  redis: z
    .strictObject({
      prefix: z.string().min(1).max(40).default('imagepull').describe('In front of every key, followed by `:v2:`.'),
      leaseMs: z.int().min(500).max(300_000).default(15_000).describe('How long a task may be silent before another worker takes it, ms.'),
      checkMs: z.int().min(200).max(300_000).default(10_000).describe('How often tasks of dead workers are looked for, ms.'),
    })
    .prefault({})
    .describe('How Redis is used; its address is `REDIS_URL`.'),
  resumeMs: z
    .int()
    .min(500)
    .max(3_600_000)
    .default(30_000)
    .describe('How often runs and requests are looked for whose next task was lost, ms.'),
  concurrency: z.int().min(1).max(200).default(20).describe('Tasks of a cluster that one worker performs at the same time.'),
});

export type FileConfig = z.infer<typeof FileConfig>;
