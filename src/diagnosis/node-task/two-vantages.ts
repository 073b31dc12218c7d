import { type Finding, sightingsOf } from '../finding.ts';

/** What the bot and the node see of the same registry, said together where they differ; undefined where they agree or one did not look. */
export function vantagesDiffer(findings: readonly Finding[], node: string): string | undefined {
  const sightings = sightingsOf(findings);
  const fails = (from: 'bot' | 'node') =>
    !sightings.has(`endpoint/answers@${from}`) &&
    findings.some(({ code, evidence }) => isProblem(code) && evidence.some(({ vantage }) => vantage === from));
  if (sightings.has('endpoint/answers@bot') && fails('node'))
    return `imagepull reaches the registry from where it runs, and ${node} does not: look at the egress, the proxy and the DNS of ${node}.`;
  if (sightings.has('endpoint/answers@node') && fails('bot'))
    return `${node} reaches the registry, and imagepull does not from where it runs: what it could not find out there says nothing about ${node}.`;
  return undefined;
}

/** Findings of an endpoint that mean that it cannot be used. */
const PROBLEMS: ReadonlySet<string> = new Set([
  'endpoint/connection-refused',
  'endpoint/connection-reset',
  'endpoint/dns-failure',
  'endpoint/failing',
  'endpoint/not-a-registry',
  'endpoint/plain-http',
  'endpoint/proxy-failure',
  'endpoint/timeout',
  'endpoint/tls-expired',
  'endpoint/tls-hostname',
  'endpoint/tls-untrusted',
  'endpoint/unreachable',
]);

function isProblem(code: Finding['code']): boolean {
  return PROBLEMS.has(code);
}
