/**
 * Where the project lives. All of it is a placeholder until it has an owner: whoever publishes it changes these, and
 * test/helm/placeholders.test.ts names each file that says something else. `npm run release:check` refuses a release that still has them.
 */
export const PROJECT = {
  /** Whoever the source and the registry belong to, in their addresses. */
  owner: 'imagepull',
  source: 'https://source.example/imagepull/imagepull',
  registry: 'registry.example/imagepull',
  /** In front of labels and annotations. */
  domain: 'imagepull.dev',
  /** Whom to tell of a vulnerability. */
  security: 'security@source.example',
} as const;
