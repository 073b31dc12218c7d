/**
 * Where the project lives. All of it is a placeholder until it has an owner: whoever publishes it changes these, and
 * test/helm/placeholders.test.ts names each file that says something else.
 */
export const PROJECT = {
  source: 'https://source.example/imagepull/imagepull',
  registry: 'registry.example/imagepull',
} as const;
