import { z } from 'zod';
import { matchesAny } from '../text/pattern.ts';
import type { Location } from './alert.ts';
import { Mapping } from './senders/mapping.ts';

export const SENDERS = ['alertmanager', 'grafana', 'generic', 'pagerduty', 'netdata', 'datadog'] as const;

const Secrets = z
  .union([variable().transform((name) => [name]), z.array(variable()).min(1).max(3)])
  .describe(
    'Name of the environment variable with the secret, of at least 16 characters; a list of them for the time in which one is replaced.',
  );
const Header = z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'is not the name of a header');

/** How a sender proves who it is. */
const Authentication = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('bearer'), secret: Secrets }).describe('`Authorization: Bearer SECRET`.'),
  z
    .strictObject({ scheme: z.literal('basic'), user: z.string().min(1).max(200).describe('The user name.'), secret: Secrets })
    .describe('`Authorization: Basic …`; the secret is the password.'),
  z.strictObject({ scheme: z.literal('pagerduty'), secret: Secrets }).describe("PagerDuty's signature over the body."),
  z
    .strictObject({
      scheme: z.literal('grafana'),
      header: Header.default('X-Grafana-Alerting-Signature').describe('The header with the signature.'),
      timestampHeader: Header.optional().describe('The header with the time, where that is signed as well.'),
      secret: Secrets,
    })
    .describe("Grafana's HMAC signature over the body and, if a header for it is named, the time."),
]);
export type Authentication = z.infer<typeof Authentication>;

const NamePatterns = z
  .array(z.string().regex(/^[a-z0-9*][a-z0-9*-]{0,62}$/, 'is not a namespace or a pattern with *'))
  .min(1)
  .max(1000);

/** One sender of alerts, as the configuration describes it. Without an authentication there is no source. */
export const AlertSource = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'is not a name of lower-case letters, digits and dashes')
      .describe('What it is called in the address that it sends to, `/webhooks/NAME`, and in logs.'),
    sender: z.enum(SENDERS).describe('Its format.'),
    mapping: Mapping.optional().describe('Of `generic`: where in a body the parts of an alert are. Left out: our own format.'),
    authentication: Authentication.describe('How it proves who it is.'),
    cluster: z.string().min(1).max(100).describe('The cluster that is meant where an alert names none.'),
    clusters: z.array(z.string().min(1).max(100)).max(100).default([]).describe('Further clusters that it may send alerts for.'),
    perMinute: z.int().min(1).max(100_000).default(600).describe('Requests that are taken within a minute.'),
    namespaces: NamePatterns.optional().describe('Namespaces that it may send alerts for, `*` stands for any characters. Left out: all.'),
  })
  .refine(({ sender, mapping }) => !mapping || sender === 'generic', {
    path: ['mapping'],
    message: 'only a generic source has a mapping; the format of the others is known',
  });
export type AlertSource = z.infer<typeof AlertSource>;

/** Whether a source may send alerts for a location, and the cluster that is meant. `because` is for the log. */
export type Bounds = { readonly status: 'within'; readonly cluster: string } | { readonly status: 'outside'; readonly because: string };

/** Holds an alert to the clusters and namespaces its source is bound to. A source bound to namespaces may not speak of nodes. */
export function boundsOf(source: Pick<AlertSource, 'cluster' | 'clusters' | 'namespaces'>, { cluster, namespace }: Location): Bounds {
  const meant = cluster ?? source.cluster;
  if (meant !== source.cluster && !source.clusters.includes(meant))
    return { status: 'outside', because: 'its source may not send alerts for that cluster' };
  if (source.namespaces === undefined) return { status: 'within', cluster: meant };
  if (namespace === undefined) return { status: 'outside', because: 'it names no namespace, and its source is bound to namespaces' };
  return matchesAny(namespace, source.namespaces)
    ? { status: 'within', cluster: meant }
    : { status: 'outside', because: 'its source may not send alerts for that namespace' };
}

function variable(): z.ZodString {
  return z.string().regex(/^[A-Z_][A-Z0-9_]{0,99}$/, 'is not the name of an environment variable, like ALERTS_TOKEN');
}
