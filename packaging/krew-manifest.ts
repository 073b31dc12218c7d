import { z } from 'zod';
import { PROJECT } from './project.ts';

/** What of package.json the manifest says. */
export const Package = z.object({ version: z.string(), engines: z.object({ node: z.string().regex(/^>=[0-9.]{1,20}$/) }) });

/** krew links one program alone, and kubectl looks for a second one, which says what completes a command. */
const COMPLETION = `printf '#!/bin/sh\\nexec kubectl imagepull __complete -- "$@"\\n' > "\${KREW_ROOT:-$HOME/.krew}/bin/kubectl_complete-imagepull"
chmod +x "\${KREW_ROOT:-$HOME/.krew}/bin/kubectl_complete-imagepull"`;

/**
 * The manifest by which krew installs `kubectl imagepull` from the package that npm packed; `sha256` is that of the archive, in hexadecimal.
 * https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
 */
export function krewManifest({ version, engines }: z.infer<typeof Package>, sha256: string): object {
  return {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'imagepull' },
    spec: {
      version: `v${version}`,
      homepage: PROJECT.source,
      shortDescription: 'Say why an image cannot be pulled',
      description: `Says why Kubernetes cannot pull an image, how far the problem reaches, and how to fix it.
It reads what kubelets reported, asks the registry anonymously and with the pull secrets that the kubelet
would send, tests the network path, and reads the node. It only reads, unless you ask for a look from
the pod's node, which takes a pod there for a minute.
`,
      caveats: `This plugin is a Node.js program: it needs Node.js ${engines.node.slice('>='.length)} or later as node on PATH.

To complete its commands, namespaces, pods and contexts, put a second program on PATH:

${COMPLETION}
`,
      platforms: [
        {
          selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['linux', 'darwin'] }] },
          uri: `${PROJECT.source}/releases/download/v${version}/${krewArchive(version)}`,
          sha256,
          files: [{ from: 'package/*', to: '.' }],
          bin: 'bin/kubectl-imagepull.cjs',
        },
      ],
    },
  };
}

/** What a release calls the archive: krew takes a .tar.gz, which npm's .tgz is. */
export function krewArchive(version: string): string {
  return `imagepull-${version}.tar.gz`;
}
