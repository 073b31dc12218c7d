import { z } from 'zod';
import { AlertSource } from '../alerts/source.ts';
import { KUBELET_ACCESS } from '../cluster/cluster.ts';
import { isListEntry, isRange } from '../network/host-list.ts';
import { DAYS } from '../routing/quiet-hours.ts';

/** Such a URL is opened by people or asked by the service. */
const WebUrl = z.url({ protocol: /^https?$/, error: 'is not a URL that begins with http:// or https://' });

const Name = z.string().min(1).max(100);
const Namespaces = z.array(z.string().regex(/^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/, 'is not a namespace or a pattern with *')).max(1000);

const Channel = z.string().regex(/^[CGD][A-Z0-9]{2,20}$/, 'is not the id of a channel, like C0123456789');

/** Who may ask about what: everybody whom one of the rules fits. Everything that a rule leaves out fits anybody. */
const AccessRule = z.strictObject({
  clusters: z.array(Name).min(1).max(100).default(['*']),
  namespaces: Namespaces.min(1).default(['*']),
  channels: z.array(Channel).min(1).max(1000).optional(),
  groups: z
    .array(z.string().regex(/^S[A-Z0-9]{2,20}$/, 'is not the id of a user group, like S0123456789'))
    .min(1)
    .max(100)
    .optional(),
});

/** Who is mentioned: nobody else may be called by this bot, least of all everybody. */
const Mentions = z
  .array(z.string().regex(/^[USW][A-Z0-9]{2,20}$/, 'is not the id of a person or a user group, like U0123456789 or S0123456789'))
  .max(10)
  .default([]);

const TimeOfDay = z.string().regex(/^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, 'is not a time of day like 07:00');

const QuietHoursConfig = z
  .strictObject({
    from: TimeOfDay,
    to: TimeOfDay,
    timeZone: z.string().max(60).refine(isTimeZone, 'is not a time zone like Europe/Berlin'),
    days: z.array(z.enum(DAYS)).min(1).optional(),
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

/** What fails here is told there. Everything that a route leaves out fits anything. */
const ChannelRoute = z.strictObject({
  clusters: z.array(Name).min(1).max(100).default(['*']),
  namespaces: Namespaces.min(1).default(['*']),
  /** Labels of the pod, all of which have to have these values. */
  labels: z.record(z.string().min(1).max(317), z.string().max(63)).default({}),
  channel: Channel,
  mention: Mentions,
  quietHours: z.union([z.literal('off'), QuietHoursConfig]).optional(),
});

/** One cluster that the service serves. Everything has a default but the name. */
const ClusterConfig = z.strictObject({
  /** What people call it: `/imagepull diagnose shop/web-0 in prod`. */
  name: Name,
  /** Context of the kubeconfig; absent means the current one, or the service account inside a pod. */
  context: Name.optional(),
  kubeconfig: z.string().optional(),
  kubelet: z.enum(KUBELET_ACCESS).default('direct'),
  prometheus: WebUrl.optional(),
  kubeletAnyCertificate: z.boolean().default(false),
  /** False: no registry is contacted. */
  registry: z.boolean().default(true),
  /** False: no secret is read; registries are then asked anonymously. */
  secrets: z.boolean().default(true),
  allowLoopback: z.boolean().default(false),
  /** The credentials by which approved remedies are carried out; absent: none is on this cluster. */
  executor: z
    .strictObject({
      context: Name.optional(),
      kubeconfig: z.string().optional(),
      /** Where the ConfigMap imagepull-freeze is; left out: the namespace of these credentials. */
      namespace: z.string().min(1).max(63).optional(),
      /** `review`: the cluster is asked whether whoever approved may do it. `impersonate`: it is done in their name, too. */
      approver: z.enum(['off', 'review', 'impersonate']).default('off'),
    })
    .optional(),
  /** What may be run on the cluster's nodes; absent: nothing. Needs an executor. */
  nodeTasks: z
    .strictObject({
      /** `approve`: each as an approved plan. `auto`: a probe, which pulls nothing, needs no approval. */
      mode: z.enum(['off', 'approve', 'auto']).default('approve'),
      /** The program's own image, as the nodes can have it. */
      image: z
        .string()
        .max(1000)
        .regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/, 'is not an image by its digest, like registry.example/imagepull@sha256:…'),
      namespace: z.string().min(1).max(63).default('imagepull-node'),
      /** Nodes that it may run on, `*` stands for any characters. */
      nodes: z
        .array(z.string().regex(/^[a-z0-9.*-]{1,253}$/, 'is not a node or a pattern with *'))
        .min(1)
        .max(1000)
        .default(['*']),
      controlPlane: z.boolean().default(false),
      /** For nodes where SELinux confines containers, like spc_t. */
      seLinuxType: z
        .string()
        .regex(/^[a-z0-9_]{1,64}$/, 'is not an SELinux type, like spc_t')
        .optional(),
      /** Images that are never pruned, `*` stands for any characters. */
      keep: z.array(z.string().min(1).max(512)).max(200).default([]),
      /** What is on a node for less long is not pruned, ms. */
      minimumAgeMs: z.int().min(0).max(31_536_000_000).default(3_600_000),
    })
    .optional(),
  /** Namespaces that people may ask about, `*` stands for any characters; `deny` wins. */
  namespaces: z.strictObject({ allow: Namespaces.optional(), deny: Namespaces.default([]) }).default({ deny: [] }),
});

const UserId = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'is not the id of a person, like U0123456789');
const ClusterUserName = z.string().min(1).max(256);

/** What may be changed, and how it is known who said so. Without a policy nothing is. */
const RemediesConfig = z.strictObject({
  /** The file that says who may approve what; see docs/approvals.md. Absent: nothing is ever changed. */
  policy: z.string().min(1).optional(),
  /** Remedies that are carried out on a cluster within an hour, at most. */
  perHour: z.int().min(1).max(1000).default(10),
  /** File with the Ed25519 private key of this process, PEM. Needed with Redis. */
  signingKey: z.string().min(1).optional(),
  /** Files with the public keys of gateways and of executors that are trusted. Left out: the one of this process alone. */
  gatewayKeys: z.array(z.string().min(1)).min(1).max(20).optional(),
  executorKeys: z.array(z.string().min(1)).min(1).max(20).optional(),
  /** Whether people decide where Slack's requests come over HTTP: there who acts is known by the signing secret alone. */
  overHttp: z.boolean().default(false),
  identities: z
    .strictObject({
      /** The cluster's user of a person, by their id. */
      users: z.record(UserId, ClusterUserName).default({}),
      /** Groups that the review of rights and the action carry, by the cluster's user. */
      groups: z.record(ClusterUserName, z.array(ClusterUserName).max(100)).default({}),
      /** Whether the e-mail address of a profile is the user's name where no id is listed. */
      byEmail: z.boolean().default(false),
    })
    .prefault({}),
});

const Network = z.string().refine(isRange, 'is not a network such as 10.0.0.0/8');
const Host = z.string().max(300).refine(isListEntry, 'is not a host, host:port or network such as minio.corp.example:9000 or 10.0.0.0/8');
/** A host or host:port, no range. */
const Server = Host.refine((entry) => !/[/*]/.test(entry), 'is not a host or host:port');

/** Which servers a diagnosis may ask besides public ones; see docs/decisions/0017. */
const RegistriesConfig = z.strictObject({
  /** Networks in which an image's own registry may have a private address; absent means any. */
  privateNetworks: z.array(Network).max(1000).optional(),
  /** Servers that may be asked at private addresses though no image names them: blob stores, token servers, mirrors. */
  allowPrivate: z.array(Host).max(1000).default([]),
  /** Token servers by registry, to which the registry's logins may be sent. */
  tokenServers: z.record(Server, z.union([Server.transform((server) => [server]), z.array(Server).max(100)])).default({}),
});

/** A channel in which messages of some apps are alerts. */
const AlertChannelConfig = z.strictObject({
  channel: Channel,
  apps: z
    .array(z.string().regex(/^A[A-Z0-9]{2,20}$/, 'is not the id of an app, like A0123456789'))
    .min(1)
    .max(20),
  /** The cluster that its alerts are about; left out: the first. */
  cluster: Name.optional(),
  /** Namespaces that they may be about; left out: all. */
  namespaces: Namespaces.min(1).optional(),
});

/** The Lease by which one of several workers watches a cluster. */
export const LeaseConfig = z.strictObject({
  namespace: z.string().min(1).max(63).optional(),
  name: z.string().min(1).max(253).default('imagepull-watch'),
});

/** The whole file. Everything has a default. */
export const FileConfig = z.strictObject({
  clusters: z
    .array(ClusterConfig)
    .min(1)
    .max(100)
    .default([ClusterConfig.parse({ name: 'default' })]),
  registries: RegistriesConfig.prefault({}),
  slack: z
    .strictObject({
      /** `socket` needs no address that Slack can reach; `http` listens for signed requests. */
      mode: z.enum(['socket', 'http']).default('socket'),
      /** Base address of Slack's Web API, for a stand-in or a proxy. */
      apiUrl: WebUrl.default('https://slack.com/api/'),
      /** Where the pages of docs/causes can be read: cards link to CAUSE.md below it. */
      docsUrl: WebUrl.transform((url) => url.replace(/\/+$/, '')).optional(),
      /** Channels in which messages of other apps are alerts. */
      alertChannels: z.array(AlertChannelConfig).max(100).default([]),
    })
    .prefault({}),
  channels: z
    .strictObject({
      /** Where incidents are told that nobody asked for and that no route fits; absent: nowhere. */
      default: Channel.optional(),
      /** Who is mentioned there. */
      mention: Mentions,
      /** When nothing is told that nobody asked for; a route may have hours of its own, or none. */
      quietHours: QuietHoursConfig.optional(),
      /** The first that fits chooses the channel. */
      routes: z.array(ChannelRoute).max(1000).default([]),
    })
    .refine((channels) => channels.default !== undefined || channels.routes.length === 0, {
      error: 'has routes and no default, the channel for what none of them fits',
    })
    .prefault({}),
  /** How clusters are watched for pods that cannot pull; only where `channels.default` says whom to tell. */
  watch: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** What fails for less long is forgiven, ms. */
      announceAfterMs: z.int().min(0).max(3_600_000).default(20_000),
      /** How often all pods are looked at, for what events did not say, ms. */
      sweepMs: z.int().min(5_000).max(3_600_000).default(180_000),
      /** Requests for pods within a minute, of each cluster, besides that. */
      readsPerMinute: z.int().min(1).max(100_000).default(600),
      /** True: only pods and namespaces are told by themselves whose label or annotation imagepull.dev/watch is true. */
      optIn: z.boolean().default(false),
      /** The Lease by which one of several workers watches a cluster. Left out: the bot's own namespace with Redis, none without. */
      lease: z.union([z.literal('off'), LeaseConfig]).optional(),
    })
    .prefault({}),
  /** How much may begin that nobody asked for. */
  incidents: z
    .strictObject({
      /** Incidents of one namespace that are open at the same time; the rest is counted in one more. */
      openPerNamespace: z.int().min(1).max(1000).default(5),
      /** Incidents of one namespace that are opened within an hour. */
      perHour: z.int().min(1).max(1000).default(10),
      /** Runs of one cluster at the same time. */
      runsAtOnce: z.int().min(1).max(1000).default(10),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      /** Who may send alerts; see docs/alerts.md. */
      sources: z.array(AlertSource).max(100).default([]),
    })
    .prefault({}),
  http: z
    .strictObject({
      /** Addresses that are listened on; `127.0.0.1` for this machine alone. */
      host: z.string().min(1).max(255).default('0.0.0.0'),
      /** For Slack's requests and for alerts, as far as the configuration asks for either. */
      port: z.int().min(0).max(65_535).default(3000),
      /** For Kubernetes and Prometheus: health and figures. */
      privatePort: z.int().min(0).max(65_535).default(9464),
    })
    .prefault({}),
  access: z
    .strictObject({
      /** Absent: members of the bot's own workspace, in channels that it was invited to. */
      rules: z.array(AccessRule).min(1).max(1000).optional(),
    })
    .prefault({}),
  remedies: RemediesConfig.prefault({}),
  redis: z
    .strictObject({
      /** In front of every key. */
      prefix: z.string().min(1).max(40).default('imagepull'),
      /** How long a task may be silent before another worker takes it, ms. */
      leaseMs: z.int().min(500).max(300_000).default(15_000),
      /** How often tasks of dead workers are looked for, ms. */
      checkMs: z.int().min(200).max(300_000).default(10_000),
    })
    .prefault({}),
  /** How often runs are looked for whose next task was lost, ms. */
  resumeMs: z.int().min(500).max(3_600_000).default(30_000),
  /** Tasks of a cluster that one worker performs at the same time. */
  concurrency: z.int().min(1).max(200).default(20),
});

export type FileConfig = z.infer<typeof FileConfig>;
