import type { Environment } from '../../network/proxy-environment.ts';
import type { Host } from '../host.ts';

/** The proxy variables of the runtime or the kubelet, as one place says them; no user and no password in them. */
export interface ProxySetting {
  readonly of: 'runtime' | 'kubelet';
  /** A file, or `process` for what a running process was started with. */
  readonly from: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** What was found, and what holds for the runtime's connections, with the logins of proxies, for use alone. */
export interface FoundProxies {
  readonly settings: readonly ProxySetting[];
  readonly environment: Environment;
}

interface Found {
  readonly of: ProxySetting['of'];
  readonly from: string;
  readonly variables: Readonly<Record<string, string>>;
}

const NAMES = /^(?:https?|no|all)_proxy$/i;

/** k3s and RKE2 are runtime and kubelet in one. */
const RUNTIMES = [
  'containerd',
  'crio',
  'docker',
  'cri-docker',
  'k3s',
  'k3s-agent',
  'rke2-server',
  'rke2-agent',
  'snap.microk8s.daemon-containerd',
];
const KUBELETS = ['kubelet', 'snap.microk8s.daemon-kubelite'];
const PROCESSES: Readonly<Record<string, ProxySetting['of']>> = {
  containerd: 'runtime',
  crio: 'runtime',
  dockerd: 'runtime',
  'k3s-server': 'runtime',
  'k3s-agent': 'runtime',
  kubelet: 'kubelet',
};

/** Looks at processes first, where they can be seen: files may have changed since they began. */
export function readProxies(host: Host): FoundProxies {
  const found = [
    ...ofProcesses(host),
    ...RUNTIMES.flatMap((unit) => ofUnit(host, unit, 'runtime')),
    ...KUBELETS.flatMap((unit) => ofUnit(host, unit, 'kubelet')),
  ].filter(({ variables }) => Object.keys(variables).length > 0);
  const environment = found.find(({ of }) => of === 'runtime')?.variables ?? {};
  const settings = found.map(({ of, from, variables }) => ({
    of,
    from,
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, withoutLogin(value)])),
  }));
  return { settings, environment };
}

function ofProcesses(host: Host): Found[] {
  return host.names('/proc').flatMap((name) => {
    const of = /^[0-9]+$/.test(name) ? PROCESSES[host.text(`/proc/${name}/comm`)?.trim() ?? ''] : undefined;
    if (of === undefined) return [];
    return [{ of, from: 'process', variables: proxyVariables((host.text(`/proc/${name}/environ`) ?? '').split('\0')) }];
  });
}

/** Drop-ins of systemd and the files that units are usually told to read. */
function ofUnit(host: Host, unit: string, of: ProxySetting['of']): Found[] {
  const folders = [`/etc/systemd/system/${unit}.service.d`, `/run/systemd/system/${unit}.service.d`];
  const dropIns = folders.flatMap((folder) => host.names(folder).map((name) => `${folder}/${name}`));
  const units = dropIns.filter((file) => file.endsWith('.conf'));
  const files = [`/etc/systemd/system/${unit}.service.env`, `/etc/sysconfig/${unit}`, `/etc/default/${unit}`];
  return [
    ...units.map((from) => ({ of, from, variables: proxyVariables(unitAssignments(host.text(from) ?? '')) })),
    ...files.map((from) => ({ of, from, variables: proxyVariables((host.text(from) ?? '').split('\n')) })),
  ];
}

/** `Environment="HTTP_PROXY=http://a:1" NO_PROXY=b` of a unit, one or more a line. */
function unitAssignments(text: string): readonly string[] {
  const lines = [...text.matchAll(/^[ \t]*Environment[ \t]*=(.{0,8192})$/gm)].map(([, rest = '']) => rest);
  return lines.flatMap((line) =>
    [...line.matchAll(/"([^"]{1,4096})"|'([^']{1,4096})'|(\S{1,4096})/g)].map(([, a, b, c]) => a ?? b ?? c ?? ''),
  );
}

function proxyVariables(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.flatMap((assignment) => {
      const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]{1,20})=(.{0,4096})$/.exec(assignment) ?? [];
      if (name === undefined || !NAMES.test(name)) return [];
      return [[name, (value ?? '').trim().replace(/^(["'])(.*)\1$/, '$2')]];
    }),
  );
}

/** A proxy's URL may be written without a scheme, which hides its login from other rules. */
function withoutLogin(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/i, '$1[redacted]@');
}
