import type { Quirk } from './quirk.ts';

/** Sonatype Nexus serves docker on a connector's own port; its usual port answers with its web page. */
export const nexus: Quirk = { name: 'Sonatype Nexus', headers: /^server: nexus\//, hidesMissing: [401, 403] };
