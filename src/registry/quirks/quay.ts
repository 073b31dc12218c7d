import type { Quirk } from './quirk.ts';

/** Quay answers 401 for a repository that does not exist. */
export const quay: Quirk = { name: 'Quay', hosts: /^quay\.io$/, headers: /^(?:server: .{0,80}\bquay\b|x-quay-)/, hidesMissing: [401] };
